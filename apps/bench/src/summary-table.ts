import { type Outcome, type Row } from './run-benchmark.ts'
import { shortNumber } from './short-number.ts'
import { verdictText } from './target.ts'

/** Outcomes as one Markdown table, a line each: ours beside the best of the others. Of a series, its main size. */
export function summaryTable(outcomes: readonly Outcome[]): string {
  return [
    '| | ours | best peer | ours is × | raw limit | ours is × | aim |',
    '|---|---:|---:|---:|---:|---:|---|',
    ...mainOf(outcomes).map(summaryLine),
  ].join('\n')
}

/** Those of no series, and of each series one size: that with the most targets, of several the largest. */
export function mainOf(outcomes: readonly Outcome[]): readonly Outcome[] {
  const series = Map.groupBy(outcomes, (outcome) => outcome.series?.name ?? outcome.name)
  return [...series.values()].flatMap((sizes) => {
    const most = Math.max(...sizes.map(({ verdicts }) => verdicts.length))
    return sizes.findLast(({ verdicts }) => verdicts.length === most) ?? []
  })
}

/** The one that ours is ahead of by the least. */
function bestOf(rows: readonly Row[], role: Row['role']): Row | undefined {
  return rows.filter((row) => row.role === role).sort((one, other) => one.oursIsTimes - other.oursIsTimes)[0]
}

function summaryLine({ name, unit, rows, verdicts }: Outcome): string {
  const [ours, ...variants] = rows.filter(({ role }) => role === 'ours')
  const [peer, limit] = [bestOf(rows, 'peer'), bestOf(rows, 'limit')]
  return `| ${[
    name,
    [
      ours === undefined ? '' : `${figureText(ours)} ${unit}s/s`,
      ...variants.map((variant) => `${variant.name}: ${figureText(variant)}`),
    ].join('; '),
    peer === undefined ? '' : `${peer.name}: ${figureText(peer)}`,
    peer?.oursIsTimes.toFixed(2) ?? '',
    limit === undefined ? '' : `${limit.name}: ${figureText(limit)}`,
    limit?.oursIsTimes.toFixed(2) ?? '',
    verdicts.map(verdictText).join('; '),
  ].join(' | ')} |`
}

function figureText({ median, costs }: Row): string {
  const parts = Object.entries(costs).map(([name, cost]) => `${name} ${shortNumber(cost)}`)
  return [...parts, shortNumber(median)].join(', ')
}
