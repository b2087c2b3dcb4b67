import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { HeldLease } from '@x/core'
import { afterEach, describe, expect, it } from 'vitest'

import { ManualTime } from './manual-time.ts'
import { MapLease } from './map-lease.ts'
import { MapStore } from './map-store.ts'
import type { Request } from './wide-scope-processes/member.ts'

type Message = Request | { readonly running: number } | { readonly done: unknown; readonly stats: { misses: number } }
type Method = (...args: readonly unknown[]) => Promise<unknown>

const MEMBER = fileURLToPath(new URL('wide-scope-processes/member.ts', import.meta.url))
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The server of the lease and the store; its clients are processes. */
function serve() {
  // Stands until a test moves it: no process is ever too slow for its lease.
  const time = new ManualTime()
  const lease = new MapLease(time)
  const store = new MapStore(time)
  const running: ChildProcess[] = []
  const done: unknown[] = []
  /** Those that have looked at the lease, and so wait for whoever holds it. */
  const looking = new Set<ChildProcess>()
  const changed = new EventTarget()
  const answer = async ({ target, method, args }: Request): Promise<unknown> => {
    const subject = (target === 'lease' ? lease : store) as unknown as Record<string, Method>
    const value = await subject[method]?.(...args)
    return method === 'acquire' ? (value as HeldLease | undefined)?.fence : value
  }
  const start = (): ChildProcess => {
    const child = fork(MEMBER, { execArgv: [] })
    children.push(child)
    child.on('message', (message: Message) => {
      if ('running' in message) running.push(child)
      else if ('done' in message) done.push(message.done)
      else {
        if (message.method === 'acquire') looking.add(child)
        void answer(message).then((value) => {
          if (child.connected) child.send({ id: message.id, value }, () => undefined)
        })
      }
      changed.dispatchEvent(new Event('change'))
    })
    return child
  }
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await once(changed, 'change')
  }
  return { time, lease, running, done, looking, start, until }
}

describe('AsyncSharedCall among processes', () => {
  it('runs once, and every process gets the value', async () => {
    const { running, done, looking, start, until } = serve()
    for (let count = 0; count < 3; count += 1) start()
    await until(() => running.length === 1 && looking.size === 3)
    running[0]?.send({ loaded: { rows: [1, 2] } })
    await until(() => done.length === 3)
    expect(done).toEqual([{ rows: [1, 2] }, { rows: [1, 2] }, { rows: [1, 2] }])
    expect(running).toHaveLength(1)
  })

  it('has one successor when the leader is killed in the middle', async () => {
    const { time, lease, running, done, looking, start, until } = serve()
    start()
    await until(() => running.length === 1)
    start()
    start()
    running[0]?.kill('SIGKILL')
    await until(() => looking.size === 3)
    expect(running).toHaveLength(1)
    await time.advance(10_000)
    await until(() => running.length === 2)
    running[1]?.send({ loaded: 'second' })
    await until(() => done.length === 2)
    expect(done).toEqual(['second', 'second'])
    expect(running).toHaveLength(2)
    expect(lease.log.filter((line) => line.startsWith('acquire'))).toEqual(['acquire f 1', 'acquire f 2'])
  })
})
