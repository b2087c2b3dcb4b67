import type { Epoch } from '@x/core'

/** The most keys that are watched. Of more loads at once the earliest are not stored, which is safe. */
const MOST_WATCHED = 65_536

interface Watched {
  readonly key: string
  readonly category: string
  readonly epoch: Epoch
}

/**
 * The epochs of the keys that somebody loads. What touches a key ends its watch, so that no epoch given before is ever
 * current again; whoever asks meanwhile gets the same epoch, as long as nothing touched the key.
 */
export class EpochWatch {
  readonly #watched = new Map<string, Watched>()
  #last = 0

  /** The epoch of a key as of now. */
  take(id: string, key: string, category: string): Epoch {
    const known = this.#watched.get(id)
    if (known !== undefined) {
      // The latest from now on: whoever loads a key again must not lose its epoch because a load long ago left it.
      this.#watched.delete(id)
      this.#watched.set(id, known)
      return known.epoch
    }
    this.#last += 1
    const epoch = this.#last as Epoch
    this.#watched.set(id, { key, category, epoch })
    if (this.#watched.size > MOST_WATCHED) this.#forgetEarliest()
    return epoch
  }

  /** Whether nothing has touched the key since the epoch was taken. */
  isCurrent(id: string, epoch: Epoch): boolean {
    return this.#watched.get(id)?.epoch === epoch
  }

  /** Notes that a key was written or removed. */
  touch(id: string): void {
    if (this.#watched.size > 0) this.#watched.delete(id)
  }

  /** Notes that every key of which this is true was removed, there or not. */
  touchWhere(isTouched: (key: string, category: string) => boolean): void {
    for (const [id, { key, category }] of this.#watched) {
      if (isTouched(key, category)) this.#watched.delete(id)
    }
  }

  #forgetEarliest(): void {
    for (const id of this.#watched.keys()) {
      this.#watched.delete(id)
      return
    }
  }
}
