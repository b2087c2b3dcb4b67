import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { type Benchmark } from '../src/benchmark.ts'
import { median } from '../src/median.ts'
import { outcomeTable } from '../src/outcome-table.ts'
import { runBenchmark } from '../src/run-benchmark.ts'
import { sharedCallBenchmarks } from '../src/topics/shared-call.ts'

function benchmark(runs: readonly string[], order: string[] = []): Benchmark {
  return {
    name: 'test',
    unit: 'step',
    operations: 10,
    repeats: 1,
    contestants: runs.map((name, index) => ({
      name,
      role: index === 0 ? 'ours' : 'peer',
      run: () => Promise.resolve(order.push(name)),
    })),
    check: () => undefined,
  }
}

describe('runBenchmark()', () => {
  it('begins each round with another contestant, and runs each once a round', async () => {
    const order: string[] = []
    await runBenchmark(benchmark(['a', 'b', 'c'], order), { rounds: 2, roundMs: 0 })
    expect(order.join('')).toBe('abcbca')
  })

  it('gives each as many runs as fill a round, once it is warm; the rounds may be its own, unless the run has the most', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    let runs = 0
    const { repeats, ...rest } = benchmark([])
    expect(repeats).toBe(1)
    const run = (): void => {
      runs += 1
      vi.advanceTimersByTime(1)
    }
    const measured = { ...rest, contestants: [{ name: 'a', role: 'ours' as const, run }] }
    const { rows } = await runBenchmark(measured, { rounds: 3, roundMs: 20 })
    // A quarter of a round goes before each.
    expect(runs).toBe(1 + (5 + 20) + (5 + 20) + 3 * (5 + 20))
    expect(rows[0]?.median).toBe(10_000)
    runs = 0
    const outcome = await runBenchmark({ ...measured, rounds: 4, roundMs: 10 }, { rounds: 3, roundMs: 20 })
    expect(runs).toBe(1 + (2 + 10) + (2 + 10) + 4 * (2 + 10))
    expect(outcome.rounds).toBe(4)
    runs = 0
    await runBenchmark({ ...measured, rounds: 4, roundMs: 50 }, { rounds: 3, roundMs: 20, isMost: true })
    expect(runs).toBe(1 + (5 + 20) + (5 + 20) + 3 * (5 + 20))
  })

  it('compares ours with every other in the same rounds', async () => {
    const { rows } = await runBenchmark(benchmark(['ours', 'peer']), { rounds: 3, roundMs: 0 })
    expect(rows.map(({ name, role }) => `${name} ${role}`)).toEqual(['ours ours', 'peer peer'])
    expect(rows[0]?.oursIsTimes).toBe(1)
    expect(rows[1]?.oursIsTimes).toBeGreaterThan(0)
  })

  it('fails where a contestant gives a wrong answer', async () => {
    const check = (): never => {
      throw new Error('wrong')
    }
    await expect(runBenchmark({ ...benchmark(['ours']), check }, { rounds: 1, roundMs: 0 })).rejects.toThrow('wrong')
  })
})

describe('a contestant', () => {
  it('is opened before the first round, reset before each run, and closed at the end', async () => {
    const order: string[] = []
    const log = (word: string) => (): void => void order.push(word)
    const { contestants, ...rest } = benchmark(['run'], order)
    const hooked = contestants.map((entry) => ({
      ...entry,
      open: log('open'),
      reset: log('reset'),
      close: log('close'),
    }))
    await runBenchmark({ ...rest, contestants: hooked, repeats: 2 }, { rounds: 1, roundMs: 0 })
    expect(order.join(' ')).toBe('open reset run reset run close')
  })

  it('that cannot be opened is said to be missing, and the others run', async () => {
    const { contestants, ...rest } = benchmark(['ours', 'peer'])
    const broken = contestants.map((entry) => (entry.role === 'ours' ? entry : { ...entry, open: fail }))
    const outcome = await runBenchmark({ ...rest, contestants: broken }, { rounds: 1, roundMs: 0 })
    expect(outcome.missing).toEqual([{ name: 'peer', why: 'no server' }])
    expect(outcomeTable(outcome)).toContain('Missing: peer: no server')
  })

  it('of ours that cannot be opened fails the benchmark', async () => {
    const { contestants, ...rest } = benchmark(['ours'])
    const broken = contestants.map((entry) => ({ ...entry, open: fail }))
    await expect(runBenchmark({ ...rest, contestants: broken }, { rounds: 1, roundMs: 0 })).rejects.toThrow('no server')
  })

  it('shows what its last run cost', async () => {
    const counted = { ...benchmark(['ours', 'peer']), costs: () => ({ requests: 7 }) }
    const outcome = await runBenchmark(counted, { rounds: 1, roundMs: 0 })
    expect(outcomeTable(outcome)).toMatch(/ours is × \| requests \|\n.*\n\| ours \|.*\| 7 \|/)
  })
})

function fail(): never {
  throw new Error('no server')
}

describe('the benchmarks of shared-call', () => {
  it.each(sharedCallBenchmarks('quick').map((entry) => [entry.name, entry] as const))(
    '%s: every contestant is right',
    async (_, entry) => {
      const outcome = await runBenchmark(entry, { rounds: 1, roundMs: 0 })
      expect(outcomeTable(outcome)).toContain('| promise-coalesce | peer |')
    },
  )
})

describe('median()', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('of %j is %d', (numbers, middle) => {
    expect(median(numbers)).toBe(middle)
  })
})
