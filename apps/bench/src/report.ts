import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

import { outcomeTable } from './outcome-table.ts'
import { type Outcome } from './run-benchmark.ts'
import { summaryTable } from './summary-table.ts'

/** Everything that one run found out about a topic: what is written to a file, and rendered. */
export interface Report {
  readonly topic: string
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** The versions of the peers. */
  readonly peers: Readonly<Record<string, string>>
  readonly outcomes: readonly Outcome[]
}

/** Puts outcomes together with where, when and against what they were measured. */
export function reportOf(topic: string, outcomes: readonly Outcome[]): Report {
  const [processor] = cpus()
  return {
    topic,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: processor?.model ?? 'unknown processor',
    cores: cpus().length,
    peers: peersOf(outcomes),
    outcomes,
  }
}

/** A report in Markdown: a table for each benchmark, then the place. */
export function reportText(report: Report): string {
  return `${report.outcomes.map(outcomeTable).join('\n')}\n${placeText(report)}\n`
}

/** A report in Markdown as a README has it: a line for each benchmark, then the place. */
export function summaryText(report: Report): string {
  return `${summaryTable(report.outcomes)}\n\n${placeText(report)}\n`
}

/** When, on what, and against which versions. */
export function placeText({ date, node, cpu, cores, peers }: Omit<Report, 'outcomes' | 'topic'>): string {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`)
  return [`${date}, Node ${node.slice(1)}, ${cores} × ${cpu}`, ...versions].join(', ')
}

/** Of this app's development dependencies those that a contestant is named for. */
function peersOf(outcomes: readonly Outcome[]): Record<string, string> {
  const manifest = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(manifest) as { devDependencies: Record<string, string> }
  const names = outcomes.flatMap(({ rows }) => rows.map(({ name }) => name))
  const isNamed = (peer: string): boolean => names.some((name) => name.split(/[\s,+]+/).includes(peer))
  return Object.fromEntries(
    Object.entries(devDependencies).filter(([peer, version]) => isNamed(peer) && !version.startsWith('workspace:')),
  )
}
