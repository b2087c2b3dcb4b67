import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

import { outcomeTable } from './outcome-table.ts'
import { type Outcome, type Row } from './run-benchmark.ts'

/** Everything that one run found out about a topic: what is written to a file, and rendered. */
export interface Report {
  readonly topic: string
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** The versions of the peers. */
  readonly peers: Readonly<Record<string, string>>
  readonly outcomes: readonly (Outcome & { readonly summary: Summary })[]
}

/** Ours divided by others, as medians over the rounds; absent where there is none. */
export interface Summary {
  readonly timesTheBestPeer?: number
  readonly timesTheLimit?: number
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
    outcomes: outcomes.map((outcome) => ({ ...outcome, summary: summaryOf(outcome.rows) })),
  }
}

/** A report in Markdown: a table for each benchmark, then the place. */
export function reportText(report: Report): string {
  const tables = report.outcomes.map((outcome) => `${outcomeTable(outcome)}\n${summaryText(outcome.summary)}`)
  return `${tables.join('\n')}\n${placeText(report)}\n`
}

/** When, on what, and against which versions. */
export function placeText({ date, node, cpu, cores, peers }: Omit<Report, 'outcomes' | 'topic'>): string {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`)
  return [`${date}, Node ${node.slice(1)}, ${cores} × ${cpu}`, ...versions].join(', ')
}

function summaryOf(rows: readonly Row[]): Summary {
  const least = (role: Row['role']): number => Math.min(...rows.filter((row) => row.role === role).map(byTimes))
  const [peer, limit] = [least('peer'), least('limit')]
  return {
    ...(peer < Infinity ? { timesTheBestPeer: peer } : {}),
    ...(limit < Infinity ? { timesTheLimit: limit } : {}),
  }
}

function byTimes({ oursIsTimes }: Row): number {
  return oursIsTimes
}

function summaryText({ timesTheBestPeer, timesTheLimit }: Summary): string {
  const parts = [
    ...(timesTheBestPeer === undefined ? [] : [`${timesTheBestPeer.toFixed(2)} × the best peer`]),
    ...(timesTheLimit === undefined ? [] : [`${timesTheLimit.toFixed(2)} of the raw limit`]),
  ]
  return parts.length === 0 ? '' : `Ours: ${parts.join(', ')}.\n`
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
