import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { type Benchmark, type Topic } from './benchmark.ts'
import { publishReport } from './publish-report.ts'
import { type Report, reportOf, reportText } from './report.ts'
import { runBenchmark } from './run-benchmark.ts'
import { TOPICS } from './topics/index.ts'

const HELP = `Runs our packages beside their peers and the raw limit.

  pnpm bench [NAME…]   Only these topics, and benchmarks whose name contains one of these.
  --quick              Fewer rounds.
  --json FILE          Writes the figures to a file as well.
  --publish            Writes the figures of whole topics to where they are shown: apps/bench/figures, docs/figures, and
                       the READMEs of the packages; \`pnpm format\` afterwards.

A figure of one machine at one moment: compare within a run, never across runs.
`

const QUICK = { rounds: 7, warmUps: 2, repeats: 10 }
const FULL = { rounds: 21, warmUps: 4, repeats: 30 }
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
  for (const { topic, benchmarks, isWhole } of await choose(positionals)) {
    const outcomes = []
    for (const benchmark of benchmarks) {
      process.stderr.write(`${benchmark.name}…\n`)
      outcomes.push(await runBenchmark(benchmark, values.quick ? QUICK : FULL))
    }
    const report = reportOf(topic.name, outcomes)
    reports.push(report)
    process.stdout.write(`${reportText(report)}\n`)
    if (values.publish && isWhole) process.stderr.write(`Written: ${publishReport(report, ROOT).join(' ')}\n`)
  }
  if (reports.length === 0) {
    process.stderr.write(`No benchmark is called so. The topics are: ${TOPICS.map(({ name }) => name).join(', ')}.\n`)
    process.exitCode = 1
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, undefined, 2)}\n`)
}

/** What of a topic is to run. */
interface Choice {
  readonly topic: Topic
  readonly benchmarks: readonly Benchmark[]
  readonly isWhole: boolean
}

/** All of the topics that are named; where a name is no topic, the benchmarks that have it in their names. */
async function choose(names: readonly string[]): Promise<Choice[]> {
  const parts = names.filter((part) => !TOPICS.some(({ name }) => name === part))
  const choices: Choice[] = []
  for (const topic of TOPICS) {
    const isWhole = names.length === 0 || names.includes(topic.name)
    if (!isWhole && parts.length === 0) continue
    const all = await topic.load()
    const benchmarks = isWhole ? all : all.filter(({ name }) => parts.some((part) => name.includes(part)))
    if (benchmarks.length > 0) choices.push({ topic, benchmarks, isWhole })
  }
  return choices
}
