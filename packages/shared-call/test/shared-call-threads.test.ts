import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'

import { isCacheError } from '@x/core'
import { describe, expect, it } from 'vitest'

import { SharedCall } from '../src/index.ts'
import { Board, RUNS } from './shared-call-workers/board.ts'

describe('SharedCall between threads', () => {
  it('runs in one thread, here the main one, while the others block and get its value', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hands = Array.from({ length: 7 }, () => board.start('join', shared.handle))
    const value = shared.call('key', () => {
      board.waitFor(() => shared.getStats().hits === 7)
      return 'run by main'
    })
    expect(value).toBe('run by main')
    expect(await Promise.all(hands.map((hand) => hand.answer))).toEqual(Array(7).fill('run by main'))
    expect(board.words[RUNS]).toBe(0)
    expect(shared.getStats()).toEqual({ hits: 7, misses: 1, errors: 0, active: 0, hitRate: 7 / 8 })
  })

  it('lets the main thread block for the value of a worker, and gives it a structured clone', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hand = board.start('lead', shared.handle, { seed: 1 })
    board.await('leading', 1)
    const value = shared.call('key', (): unknown => 'run by main')
    expect(value).toEqual({ by: 'worker', map: new Map([['a', new Date(0)]]), bytes: new Uint8Array([1, 2]) })
    expect(await hand.answer).toEqual(value)
  })

  it('takes its handle from a message as from workerData', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hand = board.start('join', undefined)
    hand.worker.postMessage(shared.handle)
    expect(await hand.answer).toBe('run by 1')
    expect(shared.getStats().misses).toBe(1)
  })

  it.each([0, 1024, 2 ** 20, 2 ** 26])('brings a value of %i bytes whole to every thread', async (size) => {
    using shared = new SharedCall()
    const board = new Board()
    const bytes = new Uint8Array(size).map((_, index) => (index * 31 + (index >> 8)) & 255)
    const expected = createHash('sha256').update(bytes).digest('hex')
    const hands = [1, 2].map(() => board.start('hash', shared.handle))
    const share = (key: string, hits: number, value: Uint8Array): void => {
      shared.call(key, () => {
        board.waitFor(() => shared.getStats().hits === hits)
        return value
      })
    }
    shared.call('value', () => {
      share('key', 2, new Uint8Array(0))
      board.waitFor(() => shared.getStats().hits === 4)
      return bytes
    })
    expect(await Promise.all(hands.map((hand) => hand.answer))).toEqual([expected, expected])
  })

  const failures: readonly { readonly title: string; readonly thrown: unknown; readonly arrives: object }[] = [
    {
      title: 'with code, cause and own properties',
      thrown: Object.assign(new Error('no', { cause: new TypeError('why', { cause: 'deep' }) }), {
        name: 'GitHubAPIError',
        code: 'E_NO',
        statusCode: 500,
        retry: () => 1,
      }),
      arrives: {
        name: 'GitHubAPIError',
        message: 'no',
        code: 'E_NO',
        statusCode: 500,
        cause: expect.objectContaining({ name: 'TypeError', message: 'why', cause: 'deep' }) as unknown,
      },
    },
    {
      title: 'with the errors that it stands for',
      thrown: aggregateOfItself(),
      arrives: {
        name: 'AggregateError',
        message: 'all',
        errors: [
          expect.objectContaining({ name: 'TypeError', message: 'one', code: 'E_ONE' }) as unknown,
          expect.objectContaining({ name: 'AggregateError', errors: ['three'] }) as unknown,
        ],
      },
    },
    {
      title: 'of a native class',
      thrown: new TypeError('bad'),
      arrives: { isTypeError: true, name: 'TypeError', message: 'bad' },
    },
  ]

  it.each(failures)('throws an error $title in every thread, and counts it once', async ({ thrown, arrives }) => {
    using shared = new SharedCall()
    const board = new Board()
    const hands = [1, 2].map(() => board.start('fail', shared.handle))
    const lead = (): unknown =>
      shared.call('key', () => {
        board.waitFor(() => shared.getStats().hits === 2)
        throw thrown
      })
    let caught: unknown
    try {
      lead()
    } catch (error) {
      caught = error
    }
    expect(caught).toBe(thrown)
    for (const hand of hands) expect(await hand.answer).toMatchObject({ ...arrives, stack: (thrown as Error).stack })
    expect(shared.getStats()).toMatchObject({ errors: 1, misses: 1, hits: 2, active: 0 })
  })

  it('says so in the waiting threads where a value cannot be cloned', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hands = [1, 2].map(() => board.start('fail', shared.handle))
    const value = { run: () => 1 }
    const own = shared.call('key', () => {
      board.waitFor(() => shared.getStats().hits === 2)
      return value
    })
    expect(own).toBe(value)
    for (const hand of hands) {
      const answer = await hand.answer
      expect(answer).toMatchObject({ name: 'CacheError', code: 'NOT_SERIALIZABLE' })
      expect(answer).toMatchObject({ cause: { name: 'DataCloneError' } })
    }
  })

  it('refuses a call that would wait for itself through another thread', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hand = board.start('cycle', shared.handle)
    board.await('leading', 1)
    const own = (): unknown =>
      shared.call('a', () => {
        board.set('go', 1)
        return shared.call('b', () => 'b in main')
      })
    // Whichever thread closed the circle is refused, and the other gets its error: that is what its function ended with.
    expect(own).toThrow('The call would wait for itself')
    expect(await hand.answer).toMatchObject({ name: 'ReentrantCallError', code: 'REENTRANT_CALL' })
    expect(shared.getStats()).toMatchObject({ active: 0, misses: 2 })
    expect(shared.call('a', () => shared.call('b', () => 'free'))).toBe('free')
  })

  it('starts anew after forget() in any thread, and old waiters get the old value', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const waiter = board.start('join', shared.handle)
    let anew: Promise<unknown> = Promise.resolve()
    shared.call('key', () => {
      board.waitFor(() => shared.getStats().hits === 1)
      anew = board.start('forget', shared.handle).answer
      board.waitFor(() => shared.getStats().misses === 2 && shared.getStats().active === 1)
      return 'old'
    })
    expect(await Promise.all([waiter.answer, anew])).toEqual(['old', 'anew'])
  })

  it('runs once for each generation: 8 threads, 1,000 calls each, 50 keys', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const hands = Array.from({ length: 8 }, () => board.start('hammer', shared.handle, { seed: 1000 }))
    await Promise.all(hands.map((hand) => hand.answer))
    const runs = board.words.slice(RUNS, RUNS + 50).reduce((sum, n) => sum + n, 0)
    const stats = shared.getStats()
    expect({ doubles: board.get('doubles'), stale: board.get('stale') }).toEqual({ doubles: 0, stale: 0 })
    expect(stats).toMatchObject({ misses: runs, hits: 8000 - runs, errors: 0, active: 0 })
  })

  it('has room for maxThreads living threads, and gives the place of one that has ended to the next', async () => {
    using shared = new SharedCall({ maxThreads: 2 })
    const board = new Board()
    const first = board.start('doomedWait', shared.handle)
    board.await('leading', 1)
    const refused: unknown = await board.start('join', shared.handle).answer.catch((error: unknown) => error)
    expect(isCacheError(refused, 'INVALID_CONFIGURATION')).toBe(true)
    await first.worker.terminate()
    const third = board.start('join', shared.handle)
    expect(await third.answer).toBe('run by 3')
    await third.exit
    expect(await board.start('join', shared.handle).answer).toBe('run by 4')
  })

  it('does not keep a finished program running', () => {
    const program = fileURLToPath(new URL('shared-call-workers/program.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'worker: 42\n', stderr: '' })
  })

  it('answers a worker whose parent is blocked outside of it', () => {
    using shared = new SharedCall()
    const board = new Board()
    const worker: Worker = board.start('rounds', shared.handle, { seed: 2 }).worker
    board.set('finish', 2)
    board.set('go', 2)
    board.await('done', 2)
    expect(board.words[RUNS]).toBe(2)
    worker.unref()
  })
})

function aggregateOfItself(): AggregateError {
  const inner = new AggregateError([], 'two')
  const outer = new AggregateError([Object.assign(new TypeError('one'), { code: 'E_ONE' }), inner], 'all')
  // What an error contains that contains it does not go along.
  inner.errors.push('three', outer, inner)
  return outer
}
