import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { formatPages, publishFrontPage, publishReport } from './publish-report.ts'
import { type Report, reportOf, reportText } from './report.ts'
import { runTopic } from './run-topic.ts'
import { TOPICS } from './topics/index.ts'

const HELP = `Runs our packages beside their peers and the raw limit.

  pnpm bench [NAME…]   Only these topics, and benchmarks whose name contains one of these.
  --quick              Smaller sizes and fewer rounds, for a first look.
  --json FILE          Writes the figures to a file as well.
  --publish            Writes the figures of whole topics to where they are shown: apps/bench/figures, docs/figures, and
                       the READMEs of the packages.

A figure of one machine at one moment: compare within a run, never across runs.
`

const ROOT = join(import.meta.dirname, '..', '..', '..')

// `pnpm bench | head`: whoever read has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    publish: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
})

if (values.help) process.stdout.write(HELP)
else await main()

async function main(): Promise<void> {
  const reports: Report[] = []
  const written: string[] = []
  for (const { topic, parts } of choose(positionals)) {
    const outcomes = await runTopic({ topic, parts, scale: values.quick ? 'quick' : 'full' })
    if (outcomes.length === 0) continue
    const report = reportOf(topic, outcomes)
    reports.push(report)
    process.stdout.write(`${reportText(report)}\n`)
    if (values.publish && parts.length === 0) written.push(...publishReport(report, ROOT))
  }
  if (written.length > 0) {
    written.push(publishFrontPage(ROOT))
    formatPages(written, ROOT)
    process.stderr.write(`Written: ${written.join(' ')}\n`)
  }
  if (reports.length === 0) {
    process.stderr.write(`Nothing was measured. The topics are: ${TOPICS.map(({ name }) => name).join(', ')}.\n`)
    process.exitCode = 1
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, undefined, 2)}\n`)
}

/** What of a topic is to run: benchmarks whose names have one of these parts, or all where there is none. */
interface Choice {
  readonly topic: string
  readonly parts: readonly string[]
}

/** All of the topics that are named; where a name is no topic, the benchmarks that have it in their names. */
function choose(names: readonly string[]): Choice[] {
  const parts = names.filter((part) => !TOPICS.some(({ name }) => name === part))
  return TOPICS.map(({ name }) => name)
    .filter((topic) => names.length === 0 || parts.length > 0 || names.includes(topic))
    .map((topic) => ({ topic, parts: names.includes(topic) ? [] : parts }))
}
