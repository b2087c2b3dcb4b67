import { type Outcome, type Row } from './run-benchmark.ts'
import { shortNumber } from './short-number.ts'
import { verdictText } from './target.ts'

/** An outcome as a Markdown table with every contestant. */
export function outcomeTable({ name, unit, rounds, rows, missing, verdicts }: Outcome): string {
  const costs = [...new Set(rows.flatMap((row) => Object.keys(row.costs)))]
  const lines = rows.map((row) =>
    [
      `| ${row.name} | ${labelOf(row)} | ${shortNumber(row.median)} | ${shortNumber(row.slowest)} – ${shortNumber(row.fastest)} | ${timesOf(row)} |`,
      ...costs.map((cost) => ` ${shortNumber(row.costs[cost] ?? Number.NaN)} |`),
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
    ...verdicts.map((verdict) => `Aim: ${verdictText(verdict)}.\n`),
  ].join('\n')
}

function labelOf({ role }: Row): string {
  return role === 'limit' ? 'raw limit' : role
}

function timesOf({ role, oursIsTimes }: Row): string {
  return role === 'ours' ? '' : oursIsTimes.toFixed(2)
}
