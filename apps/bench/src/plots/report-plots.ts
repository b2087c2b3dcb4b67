import { placeText, type Report } from '../report.ts'
import { type Outcome, type Row } from '../run-benchmark.ts'
import { barPlot } from './bar-plot.ts'
import { linePlot } from './line-plot.ts'

/**
 * The plots of a report, by their names: bars for the benchmarks of one size, lines for each series. Where the work has costs,
 * they are what is drawn; else operations a second, and over sizes the time for the work.
 */
export function reportPlots(report: Report): Map<string, string> {
  const { topic, outcomes } = report
  const note = placeText({ ...report, peers: {} })
  const plots = new Map<string, string>()
  for (const [what, alike] of Map.groupBy(
    outcomes.filter(({ series }) => series === undefined),
    measureOf,
  )) {
    const groups = alike.map((outcome) => ({
      heading: headingOf(outcome, topic),
      bars: outcome.rows.map((row) => ({ name: row.name, role: row.role, value: row.costs[what] ?? row.median })),
    }))
    plots.set(plots.size === 0 ? topic : `${topic}-${plots.size + 1}`, barPlot(`${topic}: ${what}`, groups, note))
  }
  for (const [name, sizes] of Map.groupBy(
    outcomes.filter(({ series }) => series !== undefined),
    ({ series }) => series?.name ?? '',
  )) {
    plots.set(
      `${topic}-${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`,
      seriesPlot(topic, name, { sizes, note }),
    )
  }
  return plots
}

function seriesPlot(topic: string, name: string, { sizes, note }: { sizes: readonly Outcome[]; note: string }): string {
  const [cost] = sizes.flatMap(costsOf)
  const names = new Set(sizes.flatMap(({ rows }) => rows.map((row) => row.name)))
  const lines = [...names].map((contestant) => {
    const found = sizes.flatMap(({ rows, series, operations }) =>
      rows
        .filter((row) => row.name === contestant)
        .map((row) => ({ row, size: series?.size ?? operations, operations })),
    )
    return {
      name: contestant,
      role: found[0]?.row.role ?? 'peer',
      points: found.map(({ row, size, operations }) => ({ size, value: costOf(row, operations, cost) })),
    }
  })
  return linePlot(`${topic}: ${name}`, { lines, axes: { size: 'size', value: cost ?? 'milliseconds' } }, note)
}

function costOf({ median, costs }: Row, operations: number, cost: string | undefined): number {
  // A logarithmic scale has no place for nothing.
  return Math.max(cost === undefined ? (operations / median) * 1_000 : (costs[cost] ?? 0), 1e-3)
}

function measureOf(outcome: Outcome): string {
  return costsOf(outcome)[0] ?? `${outcome.unit}s a second`
}

function costsOf({ rows }: Outcome): string[] {
  return [...new Set(rows.flatMap(({ costs }) => Object.keys(costs)))]
}

/** Without the topic, which is the title. */
function headingOf({ name }: Outcome, topic: string): string {
  return name.startsWith(`${topic}: `) ? name.slice(topic.length + 2) : name
}
