import { placeText, type Report } from '../report.ts'
import { type Outcome, type Row } from '../run-benchmark.ts'
import { mainOf } from '../summary-table.ts'
import { barPanel } from './bar-panel.ts'
import { type Line, linePanel } from './line-panel.ts'
import { panelGrid } from './panel-grid.ts'

/**
 * The plots of a report, by their names: `TOPIC` has bars for each benchmark, of a series for its main size; `TOPIC-sizes`
 * has lines for each series. Where the work has costs, the first is what is drawn; else operations a second.
 */
export function reportPlots(report: Report): Map<string, string> {
  const { topic, outcomes } = report
  const note = placeText({ ...report, peers: {} })
  const bars = mainOf(outcomes).map((outcome) =>
    barPanel(
      outcome.name,
      measureOf(outcome),
      outcome.rows.map((row) => ({ name: row.name, role: row.role, value: valueOf(row) })),
    ),
  )
  const plots = new Map([[topic, panelGrid(`${topic}: ours (blue), peers (grey), the raw limit (yellow)`, bars, note)]])
  const series = Map.groupBy(
    outcomes.filter((outcome) => outcome.series !== undefined),
    (outcome) => outcome.series?.name ?? '',
  )
  const lines = [...series].map(([name, sizes]) =>
    linePanel(name, sizes[0] === undefined ? '' : measureOf(sizes[0]), linesOf(sizes)),
  )
  if (lines.length > 0) plots.set(`${topic}-sizes`, panelGrid(`${topic}: by size, both axes logarithmic`, lines, note))
  return plots
}

function linesOf(sizes: readonly Outcome[]): Line[] {
  const roles = new Map(sizes.flatMap(({ rows }) => rows.map(({ name, role }) => [name, role] as const)))
  return [...roles].map(([name, role]) => ({
    name,
    role,
    points: sizes.flatMap(({ rows, series, operations }) =>
      rows.filter((row) => row.name === name).map((row) => ({ size: series?.size ?? operations, value: valueOf(row) })),
    ),
  }))
}

function valueOf({ median, costs }: Row): number {
  // A logarithmic scale has no place for nothing.
  return Math.max(Object.values(costs)[0] ?? median, 1e-3)
}

function measureOf({ rows, unit }: Outcome): string {
  const [cost] = rows.flatMap(({ costs }) => Object.keys(costs))
  return cost === undefined ? `${unit}s a second: more is better` : `${cost}: less is better`
}
