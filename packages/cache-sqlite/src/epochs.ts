import type { Statements } from './sqlite-statements.ts'
import { toKeyText } from './key-text.ts'

/** Of how many keys it is remembered which epoch they were in. */
const MOST_KEPT = 4_096

/**
 * The epochs of keys: stamps of the store. As long as nothing has touched a key, its epoch stays what it was, so that those who
 * load it at the same time find that they do.
 *
 * BAD: the stamp of the latest touch itself. An eviction leaves the stamp of what it removed as its category's barrier, so that it
 * would refuse every load that goes on. A stamp of the time when a load began is later than that of all that was there.
 */
export class Epochs {
  readonly #touch: Statements['touch']
  /** The eldest first. */
  readonly #known = new Map<string, number>()

  constructor({ touch }: Statements) {
    this.#touch = touch
  }

  /** The epoch of a key: later than, or at, the latest stamp at which it was touched. */
  of(category: string, key: string): number {
    const name = toKeyText(category)
    const keyText = toKeyText(key)
    const [stamp, touchedAt] = this.#touch.get(name, name, keyText) ?? [0, 0]
    const id = `${name.length}:${name}${keyText}`
    const known = this.#known.get(id) ?? -1
    if (touchedAt <= known) return known
    this.#known.delete(id)
    this.#known.set(id, stamp)
    const [eldest] = this.#known.keys()
    if (this.#known.size > MOST_KEPT && eldest !== undefined) this.#known.delete(eldest)
    return stamp
  }
}
