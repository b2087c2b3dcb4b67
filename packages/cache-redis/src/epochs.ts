import type { Epoch } from '@x/core'

import { openEpochScript } from './entry-scripts.ts'
import { HEADER_LENGTH, PLACEHOLDER, type StampMaker } from './entry-text.ts'
import type { KeySpace } from './key-space.ts'
import type { RedisLink } from './redis-link.ts'

/** A load that takes longer than this is not stored: its placeholder is gone. */
const LONGEST_LOAD_MS = 10 * 60_000
/** A mark that nobody asks for is forgotten, which refuses loads that are as old. */
const MARK_LIFE_MS = 24 * 60 * 60_000

/** What `getEpoch` answers when Redis does not: nothing is stored with it. */
export const NO_EPOCH = 'none' as Epoch

/** How many `Epochs.sendCheck` sends. */
export const EPOCH_CHECK_COMMANDS = 2

/** An epoch taken apart. */
export interface EpochParts {
  /** The marks of all categories and of one. */
  readonly marks: readonly [all: string, category: string]
  /** The header of the entry or placeholder. */
  readonly header: string
}

/**
 * Where the history of a key stands: the header that lies under it, for which an absent entry gets a placeholder, and the
 * marks of its category and of all of them. A `set` changes the header and a removal takes it away, atomically and on the
 * key's own node; that which removes by a tag or a pattern changes a mark, before it begins and when it has ended. Whatever is lost (expired, evicted, in a
 * failover) compares as changed.
 */
export class Epochs {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #stamps: StampMaker

  constructor(link: RedisLink, keys: KeySpace, stamps: StampMaker) {
    this.#link = link
    this.#keys = keys
    this.#stamps = stamps
  }

  /** Where it stands now. */
  async open(category: string, redisKey: string): Promise<Epoch> {
    const { client } = this.#link
    const fresh = `${PLACEHOLDER}${this.#stamps.next()}:`
    const keys = [this.#keys.epoch(), this.#keys.epoch(category), redisKey]
    const parts = await this.#link.run(
      () =>
        Promise.all(
          keys.map((key) => openEpochScript(client, [key], [fresh, key === redisKey ? LONGEST_LOAD_MS : MARK_LIFE_MS])),
        ),
      keys.length,
    )
    return parts.join('') as Epoch
  }

  /** Sends the question whether the marks are the same: to be called within `RedisLink.run`. */
  async sendCheck(category: string, { marks }: EpochParts): Promise<boolean> {
    const { client } = this.#link
    const [all, own] = await Promise.all([client.get(this.#keys.epoch()), client.get(this.#keys.epoch(category))])
    return all === marks[0] && own === marks[1]
  }

  /** Refuses the loads in progress of a category, or of all. */
  async touch(category?: string): Promise<void> {
    const mark = `${PLACEHOLDER}${this.#stamps.next()}:`
    await this.#link.run(() => this.#link.client.set(this.#keys.epoch(category), mark, 'PX', MARK_LIFE_MS))
  }
}

/**
 * Takes an epoch apart; `undefined` for `NO_EPOCH`.
 *
 * @throws TypeError for anything that `getEpoch` never answered: it would compare as it likes.
 */
export function readEpoch(epoch: Epoch): EpochParts | undefined {
  if (epoch === NO_EPOCH) return undefined
  const parts = typeof epoch === 'string' ? /^(?:x1[emp]:[^]{17}:){3}$/.exec(epoch) : null
  if (parts === null) {
    throw new TypeError(`Not an epoch of this cache: ${String(epoch)}. Give what getEpoch() answered.`)
  }
  const part = (index: number): string => String(epoch).slice(index * HEADER_LENGTH, (index + 1) * HEADER_LENGTH)
  return { marks: [part(0), part(1)], header: part(2) }
}
