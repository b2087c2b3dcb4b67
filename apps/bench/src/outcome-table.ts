import { type Outcome, type Row } from './run-benchmark.ts'

/** An outcome as a Markdown table. */
export function outcomeTable({ name, unit, rounds, rows }: Outcome): string {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${labelOf(row)} | ${rate(row.median)} | ${rate(row.slowest)} – ${rate(row.fastest)} | ${timesOf(row)} |`,
  )
  return [
    `### ${name}`,
    '',
    `| | | ${unit}s a second, median of ${rounds} | spread | ours is × |`,
    '|---|---|---:|---:|---:|',
    ...lines,
    '',
  ].join('\n')
}

function labelOf({ role }: Row): string {
  return role === 'limit' ? 'raw limit' : role
}

function timesOf({ role, oursIsTimes }: Row): string {
  return role === 'ours' ? '' : oursIsTimes.toFixed(2)
}

function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toFixed(1)} k`
  return perSecond.toFixed(1)
}
