import { ReferenceCache } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

/** Each call of the kit, and the method of the reference store that answers it. */
const CALLS: Readonly<Record<string, string>> = {
  'get()': 'get',
  'getMany()': 'get',
  'set()': 'set',
  'setMany()': 'set',
  'has()': 'has',
  'delete()': 'delete',
  'deleteMany()': 'delete',
  'invalidate()': 'invalidate',
  'getEpoch()': 'getEpoch',
  'clear()': 'clear',
  'getStats()': 'getStats',
}

export const closeMutants: readonly Mutant[] = [
  ...breaking('close() may be called again', {
    'it may not': class extends ReferenceCache {
      override close(): void {
        this.assertOpen('close')
        super.close()
      }
    },
  }),
  ...Object.entries(CALLS).flatMap(([name, call]) =>
    breaking(`${name} after close() is STORE_CLOSED`, {
      'it is answered': answeringAfterClose(call),
      'it is another error': class extends ReferenceCache {
        override assertOpen(): void {
          if (this.closed) throw new TypeError('The database connection is not open')
        }
      },
    }),
  ),
  ...breaking('Symbol.asyncDispose closes the store', {
    'it does nothing': class extends ReferenceCache {
      override [Symbol.asyncDispose](): Promise<void> {
        return Promise.resolve()
      }
    },
  }),
  {
    caseName: 'stores share nothing, not even by being closed',
    how: 'there is one for all',
    open: once((options) => new ReferenceCache(options)),
  },
]

function answeringAfterClose(call: string): ReferenceCacheClass {
  return class extends ReferenceCache {
    override assertOpen(asked: string): void {
      if (asked !== call) super.assertOpen(asked)
    }
  }
}

function once(open: Mutant['open']): Mutant['open'] {
  let opened: ReturnType<Mutant['open']> | undefined
  return (options) => (opened ??= open(options))
}
