/** Something that begins work when it may. */
export interface WorkServer {
  /** Begins what may begin now. */
  serve(): void
}

/** What several queues have in common: one failure ends all, and what ends anywhere may let others begin. */
export class WorkGroup implements WorkServer {
  readonly #servers: WorkServer[] = []
  #running = 0
  #failure: { readonly error: unknown } | undefined
  #ended = Promise.withResolvers<undefined>()

  /** Whether anything is on its way. */
  get isRunning(): boolean {
    return this.#running > 0
  }

  /** The first failure: nothing further begins. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** From now on told whenever something has ended. */
  join(server: WorkServer): void {
    this.#servers.push(server)
  }

  /** Tells all that what they waited for may have come. */
  serve(): void {
    for (const server of this.#servers) server.serve()
  }

  /** Runs work; its failure is the group's. */
  async run(work: () => Promise<void>): Promise<void> {
    this.#running += 1
    try {
      await work()
    } catch (error) {
      this.#failure ??= { error }
    }
    this.#running -= 1
  }

  /** Tells that something has ended. */
  end(): void {
    this.serve()
    const { resolve } = this.#ended
    this.#ended = Promise.withResolvers()
    resolve(undefined)
  }

  /** Waits until the next thing has ended. */
  async next(): Promise<void> {
    await this.#ended.promise
  }

  /** Waits until nothing is on its way. @throws the first failure. */
  async settle(): Promise<void> {
    while (this.isRunning) await this.next()
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
