import type { BatchItem } from './batch-item.ts'
import type { HostBucket } from './host-bucket.ts'

/** The requests of one run that one bucket holds back together: first those that come again, then the others in order. */
export class Lane {
  readonly bucket: HostBucket
  readonly #fresh: BatchItem[] = []
  #nextFresh = 0
  #again: BatchItem[] = []

  constructor(bucket: HostBucket) {
    this.bucket = bucket
  }

  add(item: BatchItem): void {
    this.#fresh.push(item)
  }

  addAgain(item: BatchItem): void {
    this.#again.push(item)
  }

  /** The next one that nobody has settled meanwhile; it stays. */
  peek(): BatchItem | undefined {
    while (this.#again.length > 0) {
      const [item] = this.#again
      if (item?.result === undefined) return item
      this.#again.shift()
    }
    while (this.#nextFresh < this.#fresh.length) {
      const item = this.#fresh[this.#nextFresh]
      if (item?.result === undefined) return item
      this.#nextFresh += 1
    }
    return undefined
  }

  /** Takes what `peek` showed. */
  take(): BatchItem | undefined {
    const item = this.peek()
    if (this.#again.length > 0) this.#again.shift()
    else if (item !== undefined) this.#nextFresh += 1
    return item
  }
}
