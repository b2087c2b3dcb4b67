import { type Benchmark, type Contestant } from './benchmark.ts'
import { median } from './median.ts'
import { type Verdict, verdictOf } from './target.ts'

/** What a contestant did over all rounds, in operations a second. */
export interface Row {
  readonly name: string
  readonly role: Contestant['role']
  readonly median: number
  readonly slowest: number
  readonly fastest: number
  /** Ours divided by this one, round by round: the median. Above 1: ours is faster. */
  readonly oursIsTimes: number
  /** What a run cost besides time: the median over the rounds. */
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
  readonly verdicts: readonly Verdict[]
  readonly series?: Benchmark['series']
}

/** How thoroughly to measure. */
export interface RunOptions {
  /** Measured rounds; each runs every contestant for about as long. */
  readonly rounds: number
  /** How long a contestant works in a round: it does the whole work as often as fits in, and once at least. */
  readonly roundMs: number
  /** Whether no benchmark gets more, whatever its own numbers are: for a first look. Absent: no. */
  readonly isMost?: boolean
}

/** Rounds before the measured ones: the engine compiles what it will, and each contestant's number of runs is found. */
const WARM_UPS = 3

/** A contestant with what it has done so far. */
interface Lane {
  readonly contestant: Contestant
  readonly rates: number[]
  readonly costs: Readonly<Record<string, number>>[]
  /** Runs in a round. */
  repeats: number
}

/**
 * Runs every contestant in every round, beginning with another one each time, so that a slow moment of the machine
 * meets them alike; one answer of each is checked in each round.
 *
 * @throws what our own contestant throws, whatever a run throws, and what `check` throws.
 */
export async function runBenchmark(benchmark: Benchmark, options: RunOptions): Promise<Outcome> {
  const { name, unit, operations, repeats, series, targets = [] } = benchmark
  const rounds = chosen(benchmark.rounds, options.rounds, options)
  const roundMs = chosen(benchmark.roundMs, options.roundMs, options)
  const lanes: Lane[] = []
  const missing: Missing[] = []
  try {
    for (const contestant of benchmark.contestants) {
      const why = await open(contestant)
      if (why === undefined) lanes.push({ contestant, rates: [], costs: [], repeats: repeats ?? 1 })
      else missing.push({ name: contestant.name, why })
    }
    if (repeats === undefined) await warmUp(benchmark, lanes, roundMs)
    for (let round = 0; round < rounds; round += 1) await runRound(benchmark, lanes, round)
  } finally {
    for (const { contestant } of lanes) await contestant.close?.()
  }
  const rows = rowsOf(lanes)
  const verdicts = targets.map((target) => verdictOf(target, { rows, operations }))
  return { name, unit, operations, rounds, rows, missing, verdicts, ...(series === undefined ? {} : { series }) }
}

function chosen(own: number | undefined, usual: number, { isMost = false }: RunOptions): number {
  if (own === undefined) return usual
  return isMost ? Math.min(own, usual) : own
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

/** Until each lane knows how many runs fill a round; where one run takes far longer than that, it is enough. */
async function warmUp(benchmark: Benchmark, lanes: readonly Lane[], roundMs: number): Promise<void> {
  for (const lane of lanes) {
    for (let round = 0; round < WARM_UPS; round += 1) {
      const { rate } = await measure(benchmark, lane)
      const runsInARound = ((rate / benchmark.operations) * roundMs) / 1_000
      lane.repeats = Math.max(1, Math.round(runsInARound))
      if (runsInARound < 0.25) break
    }
  }
}

async function runRound(benchmark: Benchmark, lanes: readonly Lane[], round: number): Promise<void> {
  const first = round % lanes.length
  for (const lane of [...lanes.slice(first), ...lanes.slice(0, first)]) {
    const { rate, answer } = await measure(benchmark, lane)
    lane.rates.push(rate)
    if (benchmark.costs !== undefined) lane.costs.push(benchmark.costs(answer))
  }
}

/**
 * The rate of one round, and the answer of its last run, which is right. A round begins with a collection, and with some runs off the clock:
 * the engine compiles again what it threw away with the objects that it knew. No answer is kept, as no program keeps all of them: the
 * collector would have more to do with those than with the work.
 */
async function measure({ operations, check }: Benchmark, lane: Lane): Promise<{ rate: number; answer: unknown }> {
  globalThis.gc?.()
  await runTimes(lane, Math.floor(lane.repeats / 4))
  const { seconds, answer } = await runTimes(lane, lane.repeats)
  check(answer)
  return { rate: (operations * lane.repeats) / seconds, answer }
}

async function runTimes({ contestant }: Lane, times: number): Promise<{ seconds: number; answer: unknown }> {
  const { run, reset } = contestant
  let answer: unknown
  let seconds = 0
  let started = performance.now()
  for (let time = 0; time < times; time += 1) {
    if (reset !== undefined) {
      seconds += (performance.now() - started) / 1_000
      await reset()
      started = performance.now()
    }
    answer = await run()
  }
  return { seconds: seconds + (performance.now() - started) / 1_000, answer }
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
    costs: mediansOf(costs),
  }))
}

function mediansOf(costs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = Object.keys(costs[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, median(costs.map((cost) => cost[name] ?? Number.NaN))]))
}
