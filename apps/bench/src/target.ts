import { type Row } from './run-benchmark.ts'
import { shortNumber } from './short-number.ts'

/** What ours was meant to reach: the first of ours, unless `of` names another. */
export type Target =
  /** At least this part of the speed of another: of `the best peer`, of `the raw limit`, or of one contestant by its name. */
  | { readonly against: string; readonly ratio: number; readonly of?: string }
  /** At least so many operations a second. */
  | { readonly leastPerSecond: number }
  /** At most so many milliseconds for the whole work. */
  | { readonly mostMs: number }
  /** At most so much of a cost. */
  | { readonly cost: string; readonly most: number }

/** What became of a target. */
export interface Verdict {
  /** The target in words. */
  readonly aim: string
  /** In the unit of the target; absent where whoever ours was to be compared with did not run. */
  readonly reached?: number
  /** The part of the target that is lacking, 0 where it is met. */
  readonly missedBy?: number
}

/** How the rows of a benchmark of so many operations stand to a target. */
export function verdictOf(target: Target, { rows, operations }: Measured): Verdict {
  const ours = rows.find(({ role }) => role === 'ours')
  if (ours === undefined) return { aim: aimOf(target) }
  if ('ratio' in target) {
    const rivals = rows.filter(({ name, role }) => name === target.against || role === ROLES[target.against])
    if (rivals.length === 0) return { aim: aimOf(target) }
    const other = rows.find(({ name }) => name === target.of)
    const times = rivals.map(({ oursIsTimes, median }) => (other === undefined ? oursIsTimes : other.median / median))
    const reached = Math.min(...times)
    return { aim: aimOf(target), reached, missedBy: Math.max(0, 1 - reached / target.ratio) }
  }
  if ('leastPerSecond' in target) {
    return { aim: aimOf(target), reached: ours.median, missedBy: Math.max(0, 1 - ours.median / target.leastPerSecond) }
  }
  if ('cost' in target) return atMost(aimOf(target), ours.costs[target.cost], target.most)
  return atMost(aimOf(target), (operations / ours.median) * 1_000, target.mostMs)
}

/** A verdict in words, such as "0.85 × the raw limit: 0.84, missed by 1 %". */
export function verdictText({ aim, reached, missedBy = 0 }: Verdict): string {
  if (reached === undefined) return `${aim}: not measured`
  return `${aim}: ${shortNumber(reached)}, ${missedBy === 0 ? 'met' : `missed by ${Math.ceil(missedBy * 100)} %`}`
}

/** What a verdict is made from. */
interface Measured {
  readonly rows: readonly Row[]
  readonly operations: number
}

const ROLES: Readonly<Record<string, Row['role']>> = { 'the best peer': 'peer', 'the raw limit': 'limit' }

function aimOf(target: Target): string {
  if ('ratio' in target) {
    const subject = target.of === undefined ? '' : `${target.of}: `
    return `${subject}${shortNumber(target.ratio)} × ${target.against}`
  }
  if ('leastPerSecond' in target) return `${shortNumber(target.leastPerSecond)} a second`
  return 'cost' in target ? `${target.cost} ≤ ${target.most}` : `≤ ${target.mostMs} ms`
}

function atMost(aim: string, reached: number | undefined, most: number): Verdict {
  return reached === undefined ? { aim } : { aim, reached, missedBy: Math.max(0, reached / most - 1) }
}
