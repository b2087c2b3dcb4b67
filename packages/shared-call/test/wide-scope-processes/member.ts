import type { CacheStore, HeldLease } from '@x/core'

import { AsyncSharedCall } from '../../src/index.ts'

/** A member of a wider scope: its lease and its store are those of the parent, reached by messages. */
export interface Request {
  readonly id: number
  readonly target: 'lease' | 'store'
  readonly method: string
  readonly args: readonly unknown[]
}

const answers = new Map<number, (value: unknown) => void>()
const loaded = Promise.withResolvers<unknown>()
let sent = 0

process.on('message', (message: { id: number; value?: unknown } | { loaded: unknown }) => {
  if ('loaded' in message) loaded.resolve(message.loaded)
  else answers.get(message.id)?.(message.value)
})

function ask(target: Request['target'], method: string, args: readonly unknown[]): Promise<unknown> {
  sent += 1
  const { promise, resolve } = Promise.withResolvers<unknown>()
  answers.set(sent, resolve)
  process.send?.({ id: sent, target, method, args })
  return promise
}

const remote =
  (target: Request['target'], method: string) =>
  (...args: unknown[]): Promise<unknown> =>
    ask(target, method, args)

const shared = new AsyncSharedCall({
  lease: {
    acquire: async (key, ttl) => {
      const fence = (await ask('lease', 'acquire', [key, ttl])) as number | undefined
      if (fence === undefined) return undefined
      const held: HeldLease = {
        fence,
        renew: async (renewedTtl) => (await ask('lease', 'renew', [key, fence, renewedTtl])) as boolean,
        release: async () => {
          await ask('lease', 'release', [key, fence])
        },
      }
      return held
    },
  },
  store: {
    get: remote('store', 'get'),
    set: remote('store', 'set'),
    getEpoch: remote('store', 'getEpoch'),
  } as unknown as CacheStore,
  leaseTtl: '10s',
  pollInterval: 10,
})

/** Tells the parent that it runs, and takes from it how that ends. */
function load(): Promise<unknown> {
  process.send?.({ running: process.pid })
  return loaded.promise
}

const value = await shared.call('f', load)
process.send?.({ done: value, stats: shared.getStats() })
process.disconnect()
