import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { type Scale } from './benchmark.ts'
import { type Outcome } from './run-benchmark.ts'

/** What of a topic to run, and how thoroughly. */
export interface TopicRun {
  readonly topic: string
  /** Only benchmarks whose names have one of these parts; none: all. */
  readonly parts: readonly string[]
  readonly scale: Scale
}

/** Runs a topic in a process of its own, which owes nothing to what ran before: neither memory nor what the engine has compiled. */
export async function runTopic({ topic, parts, scale }: TopicRun): Promise<readonly Outcome[]> {
  const child = fork(join(import.meta.dirname, 'topic-process.ts'), [scale, topic, ...parts], {
    execArgv: ['--expose-gc'],
  })
  const ended = once(child, 'exit') as Promise<[code: number | null]>
  let outcomes: readonly Outcome[] | undefined
  child.once('message', (message) => {
    outcomes = message as readonly Outcome[]
  })
  const [code] = await ended
  if (outcomes === undefined) throw new Error(`The topic ${topic} ended with ${String(code)} before it had figures.`)
  return outcomes
}
