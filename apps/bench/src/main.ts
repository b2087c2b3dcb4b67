import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { type Benchmark } from './benchmark.ts'
import { outcomeTable } from './outcome-table.ts'
import { type Outcome, runBenchmark } from './run-benchmark.ts'
import { SHARED_CALL_BENCHMARKS } from './shared-call.ts'

const BENCHMARKS: readonly Benchmark[] = [...SHARED_CALL_BENCHMARKS]

const HELP = `Runs our packages beside their peers and the raw limit.

  pnpm bench [NAME…]   Only benchmarks whose name contains one of these.
  --quick              Fewer rounds.
  --json FILE          Writes the figures to a file as well.

A figure of one machine at one moment: compare within a run, never across runs.
`

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
})

if (values.help === true) process.stdout.write(HELP)
else await main()

async function main(): Promise<void> {
  const chosen = BENCHMARKS.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  )
  if (chosen.length === 0) {
    process.stderr.write(
      `No benchmark is called so. There are:\n${BENCHMARKS.map(({ name }) => `  ${name}\n`).join('')}`,
    )
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
