import { type Benchmark, type Contestant } from './benchmark.ts'
import { median } from './median.ts'

/** What a contestant did over all rounds, in operations a second. */
export interface Row {
  readonly name: string
  readonly role: Contestant['role']
  readonly median: number
  readonly slowest: number
  readonly fastest: number
  /** Ours divided by this one, round by round: the median. Above 1: ours is faster. */
  readonly oursIsTimes: number
}

/** The rows of a benchmark, in the order of its contestants. */
export interface Outcome {
  readonly name: string
  readonly unit: string
  readonly operations: number
  readonly rounds: number
  readonly rows: readonly Row[]
}

/** How thoroughly to measure. */
export interface RunOptions {
  /** Measured rounds; each runs every contestant once. */
  readonly rounds: number
  /** How often each contestant does the work in a round. */
  readonly repeats: number
  /** Rounds before that, so that the engine has compiled what it will. */
  readonly warmUps: number
}

/**
 * Runs every contestant in every round, beginning with another one each time, so that a slow moment of the machine
 * meets them alike; answers are checked in each round.
 */
export async function runBenchmark(benchmark: Benchmark, { rounds, warmUps, repeats }: RunOptions): Promise<Outcome> {
  const { contestants, name, unit, operations } = benchmark
  const rates = contestants.map((): number[] => [])
  for (let round = -warmUps; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const index = (round + warmUps + turn) % contestants.length
      const contestant = contestants[index]
      if (contestant === undefined) continue
      const rate = await measure(benchmark, contestant, repeats)
      if (round >= 0) rates[index]?.push(rate)
    }
  }
  const ours = rates[contestants.findIndex(({ role }) => role === 'ours')] ?? []
  const rows = contestants.map(({ name: contestant, role }, index): Row => {
    const own = rates[index] ?? []
    return {
      name: contestant,
      role,
      median: median(own),
      slowest: Math.min(...own),
      fastest: Math.max(...own),
      oursIsTimes: median(ours.map((rate, round) => rate / (own[round] ?? Number.NaN))),
    }
  })
  return { name, unit, operations, rounds, rows }
}

/** The work several times in a row: one time alone is over before the engine has settled after a collection. */
async function measure({ operations, check }: Benchmark, { run }: Contestant, repeats: number): Promise<number> {
  globalThis.gc?.()
  const answers: unknown[] = []
  const started = performance.now()
  for (let repeat = 0; repeat < repeats; repeat += 1) answers.push(await run())
  const seconds = (performance.now() - started) / 1_000
  answers.forEach(check)
  return (operations * repeats) / seconds
}
