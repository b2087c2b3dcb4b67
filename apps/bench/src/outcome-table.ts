import { type Outcome, type Row } from './run-benchmark.ts'

/** An outcome as a Markdown table. */
export function outcomeTable({ name, unit, rounds, rows, missing }: Outcome): string {
  const costs = [...new Set(rows.flatMap((row) => Object.keys(row.costs)))]
  const lines = rows.map((row) =>
    [
      `| ${row.name} | ${labelOf(row)} | ${rate(row.median)} | ${rate(row.slowest)} – ${rate(row.fastest)} | ${timesOf(row)} |`,
      ...costs.map((cost) => ` ${row.costs[cost] ?? ''} |`),
    ].join(''),
  )
  return [
    `### ${name}`,
    '',
    `| | | ${unit}s a second, median of ${rounds} | spread | ours is × |${costs.map((cost) => ` ${cost} |`).join('')}`,
    `|---|---|---:|---:|---:|${'---:|'.repeat(costs.length)}`,
    ...lines,
    '',
    ...missing.map(({ name: absent, why }) => `Missing: ${absent}: ${why}\n`),
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
