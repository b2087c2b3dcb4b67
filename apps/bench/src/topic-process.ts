import { type Scale } from './benchmark.ts'
import { type Outcome, runBenchmark, type RunOptions } from './run-benchmark.ts'
import { TOPICS } from './topics/index.ts'

const THOROUGHNESS: Readonly<Record<Scale, RunOptions>> = {
  quick: { rounds: 3, roundMs: 30, isMost: true },
  full: { rounds: 5, roundMs: 100 },
}

const [scale, topic, ...parts] = process.argv.slice(2) as [Scale, string, ...string[]]
const outcomes: Outcome[] = []
for (const benchmark of (await TOPICS.find(({ name }) => name === topic)?.load(scale)) ?? []) {
  if (parts.length > 0 && !parts.some((part) => benchmark.name.includes(part))) continue
  process.stderr.write(`${topic}: ${benchmark.name}…\n`)
  outcomes.push(await runBenchmark(benchmark, THOROUGHNESS[scale]))
}
// What peers leave behind, such as connections, would keep this process.
process.send?.(outcomes, () => process.exit())
