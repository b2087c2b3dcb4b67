/** What is being sent, and can be given up. */
export interface Sending {
  /** Ends it at once. Called once at most. */
  giveUp(): void
}

/** The end of a request before its answer is whole: by its caller's signal, or by time. */
export class RequestEnd {
  /** When time ends it, as `performance.now()` counts. */
  dueAt = 0
  #by: 'signal' | 'time' | undefined
  #sending: Sending | undefined

  /** What has ended it. */
  get by(): 'signal' | 'time' | undefined {
    return this.#by
  }

  /**
   * Names what to give up.
   *
   * @throws Error where it has ended already: then nothing is sent.
   */
  sends(sending: Sending): void {
    if (this.#by !== undefined) throw new Error('aborted')
    this.#sending = sending
  }

  /** Ends it, if nothing has before. */
  end(by: 'signal' | 'time'): void {
    if (this.#by !== undefined) return
    this.#by = by
    this.#sending?.giveUp()
  }
}
