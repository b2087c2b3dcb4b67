import { describe, expect, it } from 'vitest'

import { SharedCall } from '../src/index.ts'
import { BEATS, Board, RUNS } from './shared-call-workers/board.ts'

/** A sequence of numbers below a bound that is the same in every run. */
function seeded(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** Starting a hundred threads takes a while on a busy machine. */
const PATIENCE = { timeout: 180_000 }

describe("SharedCall after a thread's death", () => {
  it('has exactly one successor for each of 50 leaders that die mid-call', PATIENCE, async () => {
    using shared = new SharedCall()
    const board = new Board()
    const random = seeded(3)
    const rounds = 50
    const waiters = [1, 2, 3].map(() => board.start('rounds', shared.handle, { seed: rounds }))
    for (let round = 1; round <= rounds; round += 1) {
      const way = (['doomedLoop', 'doomedWait', 'doomedExit'] as const)[random(3)] ?? 'doomedLoop'
      const victim = board.start(way, shared.handle, { seed: 3, number: 100 })
      board.await('leading', round)
      shared.resetStats()
      board.set('go', round)
      if (way !== 'doomedExit') {
        board.waitFor(() => shared.getStats().hits === 3 || board.words[RUNS] === round)
        // It lives: nobody else runs, however long it takes.
        expect(board.words[RUNS]).toBe(round - 1)
        void victim.worker.terminate()
      }
      // This thread is blocked from here on: no event of the worker's end can reach it.
      board.waitFor(() => board.words[RUNS] === round && shared.getStats().hits === 2)
      const beats = Atomics.load(board.words, BEATS + 100)
      board.set('finish', round)
      board.await('done', 3 * round)
      expect(Atomics.load(board.words, BEATS + 100)).toBe(beats)
      expect(shared.getStats()).toEqual({ hits: 2, misses: 1, errors: 0, active: 0, hitRate: 2 / 3 })
      await victim.exit
    }
    await Promise.all(waiters.map((waiter) => waiter.answer))
    expect(board.words[RUNS]).toBe(rounds)
  })

  it('loses nothing where 50 busy threads are terminated anywhere', PATIENCE, async () => {
    using shared = new SharedCall({ maxThreads: 5 })
    const board = new Board()
    const random = seeded(7)
    const survivors = [1, 2].map((number) => board.start('survive', shared.handle, { number }))
    for (let round = 0; round < 50; round += 1) {
      const victim = board.start('hammerForEver', shared.handle, { number: 8 + round, seed: random(5) })
      board.await('progress', board.get('progress') + 1 + random(40))
      await victim.worker.terminate()
    }
    board.set('finish', 1)
    await Promise.all(survivors.map((survivor) => survivor.answer))
    expect({ doubles: board.get('doubles'), stale: board.get('stale') }).toEqual({ doubles: 0, stale: 0 })
    expect(shared.getStats().active).toBe(0)
    expect([0, 1, 2, 3, 4].map((key) => shared.call(`key ${key}`, () => 'free'))).toEqual(Array(5).fill('free'))
  })

  it('lets the main thread take over, blocked though it is', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const victim = board.start('doomedExit', shared.handle, { seed: 1 })
    board.await('leading', 1)
    expect(shared.call('key', () => 'taken over')).toBe('taken over')
    expect(await victim.exit).toBe(7)
    expect(shared.getStats()).toEqual({ hits: 0, misses: 2, errors: 0, active: 0, hitRate: 0 })
  })

  it('does not count the executions of the dead as active', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const victim = board.start('doomedLoop', shared.handle)
    board.await('leading', 1)
    expect(shared.getStats().active).toBe(1)
    await victim.worker.terminate()
    expect(shared.getStats().active).toBe(0)
  })

  it('frees the lock of a thread that dies while it holds it', async () => {
    using shared = new SharedCall()
    const board = new Board()
    const victim = board.start('doomedLock', shared.handle)
    board.await('leading', 1)
    void victim.worker.terminate()
    expect(shared.call('key', () => 'on')).toBe('on')
    await victim.exit
  })

  it('frees the lock of a thread that died while it held it, also once its place is taken', async () => {
    using shared = new SharedCall({ maxThreads: 2 })
    const board = new Board()
    const victim = board.start('doomedLock', shared.handle)
    board.await('leading', 1)
    await victim.worker.terminate()
    expect(await board.start('join', shared.handle).answer).toBe('run by 2')
    expect(shared.call('key', () => 'on')).toBe('on')
  })
})
