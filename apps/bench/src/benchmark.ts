import { type Awaitable } from '@x/core'

import { type Target } from './target.ts'

/** One way to do the work of a benchmark. */
export interface Contestant {
  readonly name: string
  /** Ours is compared with the best peer, and with the limit: the least that any such program must do. */
  readonly role: 'ours' | 'peer' | 'limit'
  /** Makes what the work needs, before the clock starts; a peer or a limit that cannot is reported as missing. */
  readonly open?: () => Awaitable<void>
  /** Puts back what a run has changed, before each run and off the clock. */
  readonly reset?: () => Awaitable<void>
  /** Does the whole work once, and answers what came of it. */
  readonly run: () => Awaitable<unknown>
  /** Releases what `open` made. */
  readonly close?: () => Awaitable<void>
}

/** The same work, done in several ways. */
export interface Benchmark {
  /** Without the name of its topic. */
  readonly name: string
  /** What one operation is, such as "call". */
  readonly unit: string
  /** Operations in one run of the work. */
  readonly operations: number
  readonly contestants: readonly Contestant[]
  /** Throws unless the answer is right: a wrong one is not worth timing. */
  readonly check: (answer: unknown) => void
  /** Runs in a round, for work that takes long or cannot be done again; nothing is warmed up then. Absent: as many as fit in. */
  readonly repeats?: number
  /** Measured rounds: few for work that takes very long, many where chance weighs more. Absent: the run's own number. */
  readonly rounds?: number
  /** How long a contestant works in a round, milliseconds. Absent: the run's own time. */
  readonly roundMs?: number
  /** What one run cost besides time, read from its answer, such as requests; a column each. */
  readonly costs?: (answer: unknown) => Readonly<Record<string, number>>
  /** Benchmarks of one series are the same work at several sizes, the smallest first. */
  readonly series?: { readonly name: string; readonly size: number }
  /** What ours was meant to reach. */
  readonly targets?: readonly Target[] | undefined
}

/** How much is measured: everything, or what gives a first look within two minutes. */
export type Scale = 'full' | 'quick'

/** The benchmarks of one package, loaded when they are asked for. */
export interface Topic {
  readonly name: string
  readonly load: (scale: Scale) => Promise<readonly Benchmark[]>
}
