import type { Statements } from './sqlite-statements.ts'

/** Of how many keys it is remembered which epoch they were in. */
const MOST_KEPT = 4_096

/** An epoch, and up to which stamp whatever touched the key came before it was asked for. */
interface KnownEpoch {
  readonly epoch: number
  readonly stamp: number
}

/**
 * The epochs of keys: the stamp at which a key was last touched, the same in every process, so that those who load it at the same
 * time find that they do.
 *
 * BAD: to compare with that stamp alone. An eviction leaves the stamp of what it removed as its category's barrier, so that it
 * would refuse every load that goes on. The stamp of the time when a load began is later than that of all that was there, and is
 * remembered here: what comes with an epoch that is forgotten, or of another process, is compared with the epoch itself.
 */
export class Epochs {
  readonly #touch: Statements['touch']
  /** The eldest first. */
  readonly #known = new Map<string, KnownEpoch>()

  constructor({ touch }: Statements) {
    this.#touch = touch
  }

  /** The epoch of a key, both as key text. */
  of(category: string, key: string): number {
    const [settled, touchedAt] = this.#touch.get(key, category) ?? [0, 0]
    const stamp = Math.max(settled, touchedAt)
    const id = idOf(category, key)
    const known = this.#known.get(id)
    if (known !== undefined && touchedAt <= known.stamp) return known.epoch
    this.#known.delete(id)
    this.#known.set(id, { epoch: touchedAt, stamp })
    const [eldest] = this.#known.keys()
    if (this.#known.size > MOST_KEPT && eldest !== undefined) this.#known.delete(eldest)
    return touchedAt
  }

  /** The latest stamp at which a key may have been touched without refusing what was loaded in this epoch. */
  boundOf(category: string, key: string, epoch: number): number {
    const known = this.#known.get(idOf(category, key))
    return known?.epoch === epoch ? known.stamp : epoch
  }
}

function idOf(category: string, key: string): string {
  return `${category.length}:${category}${key}`
}
