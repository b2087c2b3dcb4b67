import { CacheError, DEFAULT_CATEGORY, type Epoch, type SetOptions, toMilliseconds } from '@x/core'

import type { TableEntry } from './entry-table.ts'
import type { HeldValue } from './held-value.ts'
import type { ResolvedMemoryCacheOptions } from './memory-cache-options.ts'
import { scopedId } from './scoped-id.ts'

/** Of every entry without tags: this very array. */
export const NO_TAGS: readonly string[] = []

/** A value that may be stored: its size is known to be allowed. */
export interface Candidate extends HeldValue {
  /** One string for its category and its key. */
  readonly id: string
  /** As the caller gave it. */
  readonly key: string
}

/** A value that is stored. */
export interface MemoryEntry extends TableEntry<MemoryEntry>, Candidate {
  /** Milliseconds since the Unix epoch; when it never does, `Infinity`. */
  readonly expiresAt: number
  /** How long it is kept afterwards. Not the end of that: two times would be two more objects for the engine. */
  readonly graceMs: number
  /** Each once. */
  readonly tags: readonly string[]
}

/** Where entries go, and for how long. */
export interface Placement extends Pick<MemoryEntry, 'expiresAt' | 'graceMs' | 'tags'> {
  /** The category of all of them. */
  readonly category: string
  /** `false`: with a ttl of 0 or less, an entry is gone at once. */
  readonly isKept: boolean
  /** When given, only what nothing has touched since is stored. */
  readonly ifEpoch: Epoch | undefined
}

/**
 * Reads the options of a `set`.
 *
 * @throws RangeError for a duration that is none.
 */
export function placementOf(
  { category = DEFAULT_CATEGORY, ttl, grace = 0, tags = [], ifEpoch }: SetOptions,
  { ttlOf, clock }: ResolvedMemoryCacheOptions,
): Placement {
  const graceMs = toMilliseconds(grace)
  const life = ttlOf(category, ttl)
  return {
    isKept: life > 0,
    category,
    expiresAt: clock.now() + life,
    graceMs: Math.max(graceMs, 0),
    tags: tags.length === 0 ? NO_TAGS : [...new Set(tags)],
    ifEpoch,
  }
}

/**
 * Makes of a value what is held of it.
 *
 * @throws TypeError for `undefined`, and for a key that is no string; CacheError `NOT_SERIALIZABLE`, `VALUE_TOO_LARGE`.
 */
export function candidateOf(
  { key, value, category }: { readonly key: string; readonly value: unknown; readonly category: string },
  { holder, limits, categoryLimits }: ResolvedMemoryCacheOptions,
): Candidate {
  const id = scopedId(category, key)
  if (value === undefined) {
    throw new TypeError(`Cannot store undefined under ${JSON.stringify(key)}: it means a miss. Store null, or delete.`)
  }
  const { held, isText, sizeBytes } = holder.hold(value)
  const limit = Math.min(limits.maxSizeBytes, categoryLimits.get(category)?.maxSizeBytes ?? Infinity)
  if (sizeBytes > limit) throw tooLarge(key, sizeBytes, limit)
  return { id, key, held, isText, sizeBytes }
}

function tooLarge(key: string, sizeBytes: number, limit: number): CacheError {
  return new CacheError('VALUE_TOO_LARGE', {
    message: `The value of ${JSON.stringify(key)} has ${sizeBytes} bytes, more than the limit of ${limit}. Raise maxSizeBytes, or store less.`,
    details: { key, bytes: sizeBytes, limit },
  })
}
