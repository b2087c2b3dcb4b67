import { type WorkGroup, type WorkServer } from './work-group.ts'

/** How a queue is worked on. */
export interface WorkQueueOptions<Item> {
  /** Batches at the same time. */
  readonly atOnce: () => number
  /** How many of those that wait, the first ones, are the next batch, while so many are on their way; 0: more are waited for. */
  readonly cut: (waiting: readonly Item[], running: number) => number
  /** Bytes that an item holds while it is worked on; absent: none that count. */
  readonly bytesOf?: ((item: Item) => number) | undefined
  /** What would bring the bytes of all batches that are worked on above this waits, unless it is alone; absent: no limit. */
  readonly mostBytes?: number | undefined
  /** Works on a batch. */
  readonly work: (batch: readonly Item[]) => Promise<void>
}

/** Things to work on in batches, which are cut when it is their turn, so many at the same time. */
export class WorkQueue<Item> implements WorkServer {
  readonly #group: WorkGroup
  readonly #options: WorkQueueOptions<Item>
  readonly #waiting: Item[] = []
  #running = 0
  #bytes = 0

  constructor(group: WorkGroup, options: WorkQueueOptions<Item>) {
    this.#group = group
    this.#options = options
    group.join(this)
  }

  /** Whether anything waits or is on its way. */
  get isBusy(): boolean {
    return this.#waiting.length > 0 || this.#running > 0
  }

  add(items: Iterable<Item>): void {
    for (const item of items) this.#waiting.push(item)
    this.serve()
  }

  serve(): void {
    const { atOnce, cut, bytesOf = () => 0, mostBytes = Infinity, work } = this.#options
    while (this.#waiting.length > 0 && this.#running < atOnce() && this.#group.failure === undefined) {
      const count = cut(this.#waiting, this.#running)
      const batch = this.#waiting.slice(0, count)
      const bytes = batch.reduce((total, item) => total + bytesOf(item), 0)
      if (count === 0 || (this.#running > 0 && this.#bytes + bytes > mostBytes)) return
      this.#waiting.splice(0, count)
      void this.#begin(() => work(batch), bytes)
    }
  }

  async #begin(work: () => Promise<void>, bytes: number): Promise<void> {
    this.#running += 1
    this.#bytes += bytes
    await this.#group.run(work)
    this.#running -= 1
    this.#bytes -= bytes
    this.#group.end()
  }
}
