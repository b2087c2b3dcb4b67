/** One way to do the work of a benchmark. */
export interface Contestant {
  readonly name: string
  /** Ours is compared with the best peer, and with the limit: the least that any such program must do. */
  readonly role: 'ours' | 'peer' | 'limit'
  /** Does the whole work once, and answers what came of it. */
  readonly run: () => Promise<unknown>
}

/** The same work, done in several ways. */
export interface Benchmark {
  readonly name: string
  /** What one operation is, such as "call". */
  readonly unit: string
  /** Operations in one run of the work. */
  readonly operations: number
  readonly contestants: readonly Contestant[]
  /** Throws unless the answer is right: a wrong one is not worth timing. */
  readonly check: (answer: unknown) => void
}
