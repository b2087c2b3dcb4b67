import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { type Benchmark } from './benchmark.ts'
import { outcomeTable } from './outcome-table.ts'
import { type Outcome, runBenchmark } from './run-benchmark.ts'
import { TOPICS } from './topics/index.ts'

const HELP = `Runs our packages beside their peers and the raw limit.

  pnpm bench [NAME…]   Only these topics, and benchmarks whose name contains one of these.
  --quick              Fewer rounds.
  --json FILE          Writes the figures to a file as well.

A figure of one machine at one moment: compare within a run, never across runs.
`

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
})

// `pnpm bench | head`: whoever read has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

if (values.help === true) process.stdout.write(HELP)
else await main()

async function main(): Promise<void> {
  const chosen = await choose(positionals)
  if (chosen.length === 0) {
    process.stderr.write(`No benchmark is called so. The topics are: ${TOPICS.map(({ name }) => name).join(', ')}.\n`)
    process.exitCode = 1
    return
  }
  const options =
    values.quick === true ? { rounds: 7, warmUps: 2, repeats: 10 } : { rounds: 21, warmUps: 4, repeats: 30 }
  const outcomes: Outcome[] = []
  for (const benchmark of chosen) {
    const outcome = await runBenchmark(benchmark, options)
    outcomes.push(outcome)
    process.stdout.write(`${outcomeTable(outcome)}\n`)
  }
  const place = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
  }
  process.stdout.write(`${place.date}, Node ${place.node}, ${place.cores} × ${place.cpu}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...place, outcomes }, undefined, 2)}\n`)
}

/** All of the topics that are named; where a name is no topic, the benchmarks that have it in their names. */
async function choose(names: readonly string[]): Promise<Benchmark[]> {
  const named = TOPICS.filter(({ name }) => names.includes(name))
  const parts = names.filter((part) => !named.some(({ name }) => name === part))
  const searched = names.length === 0 || parts.length > 0 ? TOPICS.filter((topic) => !named.includes(topic)) : []
  const whole = await Promise.all(named.map((topic) => topic.load()))
  const others = await Promise.all(searched.map((topic) => topic.load()))
  return [
    ...whole.flat(),
    ...others.flat().filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part))),
  ]
}
