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
  /** What its last run cost besides time. */
  readonly costs: Readonly<Record<string, number>>
}

/** A contestant that could not be run, and why. */
export interface Missing {
  readonly name: string
  readonly why: string
}

/** The rows of a benchmark, in the order of its contestants. */
export interface Outcome {
  readonly name: string
  readonly unit: string
  readonly operations: number
  readonly rounds: number
  readonly rows: readonly Row[]
  readonly missing: readonly Missing[]
  readonly series?: Benchmark['series']
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

/** A contestant with what it has done so far. */
interface Lane {
  readonly contestant: Contestant
  readonly rates: number[]
  costs: Readonly<Record<string, number>>
}

/**
 * Runs every contestant in every round, beginning with another one each time, so that a slow moment of the machine
 * meets them alike; answers are checked in each round.
 *
 * @throws what our own contestant throws, whatever a run throws, and what `check` throws.
 */
export async function runBenchmark(benchmark: Benchmark, options: RunOptions): Promise<Outcome> {
  const { name, unit, operations, maxRounds = Infinity, series } = benchmark
  const rounds = Math.min(options.rounds, maxRounds)
  const warmUps = maxRounds === 1 ? 0 : Math.min(options.warmUps, maxRounds)
  const lanes: Lane[] = []
  const missing: Missing[] = []
  try {
    for (const contestant of benchmark.contestants) {
      const why = await open(contestant)
      if (why === undefined) lanes.push({ contestant, rates: [], costs: {} })
      else missing.push({ name: contestant.name, why })
    }
    const repeats = benchmark.repeats ?? options.repeats
    for (let round = -warmUps; round < rounds; round += 1) {
      const first = (round + warmUps) % lanes.length
      for (const lane of [...lanes.slice(first), ...lanes.slice(0, first)]) {
        const rate = await measure(benchmark, lane, repeats)
        if (round >= 0) lane.rates.push(rate)
      }
    }
  } finally {
    for (const { contestant } of lanes) await contestant.close?.()
  }
  return { name, unit, operations, rounds, rows: rowsOf(lanes), missing, ...(series === undefined ? {} : { series }) }
}

/** Why a peer or a limit cannot take part; ours must. */
async function open({ role, open }: Contestant): Promise<string | undefined> {
  try {
    await open?.()
    return undefined
  } catch (error) {
    if (role === 'ours') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

/** The work several times in a row: one time alone is over before the engine has settled after a collection. */
async function measure({ operations, check, costs }: Benchmark, lane: Lane, repeats: number): Promise<number> {
  const { run, reset } = lane.contestant
  globalThis.gc?.()
  const answers: unknown[] = []
  let seconds = 0
  let started = performance.now()
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    if (reset !== undefined) {
      seconds += (performance.now() - started) / 1_000
      await reset()
      started = performance.now()
    }
    answers.push(await run())
  }
  seconds += (performance.now() - started) / 1_000
  answers.forEach(check)
  lane.costs = costs?.(answers.at(-1)) ?? {}
  return (operations * repeats) / seconds
}

function rowsOf(lanes: readonly Lane[]): Row[] {
  const ours = lanes.find(({ contestant }) => contestant.role === 'ours')?.rates ?? []
  return lanes.map(({ contestant: { name, role }, rates, costs }) => ({
    name,
    role,
    median: median(rates),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    oursIsTimes: median(ours.map((rate, round) => rate / (rates[round] ?? Number.NaN))),
    costs,
  }))
}
