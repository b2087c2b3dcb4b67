import { describe, expect, it } from 'vitest'

import { type Benchmark } from '../src/benchmark.ts'
import { median } from '../src/median.ts'
import { outcomeTable } from '../src/outcome-table.ts'
import { runBenchmark } from '../src/run-benchmark.ts'
import { SHARED_CALL_BENCHMARKS } from '../src/shared-call.ts'

function benchmark(runs: readonly string[], order: string[] = []): Benchmark {
  return {
    name: 'test',
    unit: 'step',
    operations: 10,
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
    await runBenchmark(benchmark(['a', 'b', 'c'], order), { rounds: 2, warmUps: 1, repeats: 1 })
    expect(order.join('')).toBe('abcbcacab')
  })

  it('compares ours with every other in the same rounds', async () => {
    const { rows } = await runBenchmark(benchmark(['ours', 'peer']), { rounds: 3, warmUps: 0, repeats: 1 })
    expect(rows.map(({ name, role }) => `${name} ${role}`)).toEqual(['ours ours', 'peer peer'])
    expect(rows[0]?.oursIsTimes).toBe(1)
    expect(rows[1]?.oursIsTimes).toBeGreaterThan(0)
  })

  it('fails where a contestant gives a wrong answer', async () => {
    const check = (): never => {
      throw new Error('wrong')
    }
    await expect(
      runBenchmark({ ...benchmark(['ours']), check }, { rounds: 1, warmUps: 0, repeats: 1 }),
    ).rejects.toThrow('wrong')
  })
})

describe('the benchmarks of shared-call', () => {
  it.each(SHARED_CALL_BENCHMARKS.map((entry) => [entry.name, entry] as const))(
    '%s: every contestant is right',
    async (_, entry) => {
      const outcome = await runBenchmark(entry, { rounds: 1, warmUps: 0, repeats: 1 })
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
