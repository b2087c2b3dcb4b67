import { compileGlob } from '@x/core'

import { scanKeys } from './entry-scan.ts'
import type { EntryStore } from './entry-store.ts'
import type { EntryName, KeySpace } from './key-space.ts'
import type { RedisLink } from './redis-link.ts'

/** A live entry, and the bytes of its encoded value. */
export interface LiveEntry extends EntryName {
  /** Bytes. */
  readonly sizeBytes: number
}

/** Which entries to name; an absent condition restricts nothing. */
export interface EntryFilter {
  /** Those of this category. */
  readonly category?: string | undefined
  /** Those whose key matches this glob. */
  readonly pattern?: string | undefined
}

/**
 * The live entries of a namespace that a filter admits, each once, in no order.
 *
 * @throws RangeError for a malformed glob.
 */
export async function* liveEntries(
  link: RedisLink,
  entries: EntryStore,
  { keys, category, pattern }: EntryFilter & { readonly keys: KeySpace },
): AsyncGenerator<LiveEntry> {
  const glob = pattern === undefined ? undefined : compileGlob(pattern)
  const admits = (name: EntryName): boolean =>
    (category === undefined || name.category === category) && (glob === undefined || glob.matches(name.key))
  // A scan may give a key twice.
  const seen = new Set<string>()
  for await (const found of scanKeys(link, keys.scanPattern(category, glob))) {
    const names = new Map<string, EntryName>()
    for (const redisKey of found) {
      const name = seen.has(redisKey) ? undefined : keys.parse(redisKey)
      seen.add(redisKey)
      if (name !== undefined && admits(name)) names.set(redisKey, name)
    }
    if (names.size > 0) yield* measured(entries, names)
  }
}

/** Those that are live, with their sizes. */
async function* measured(entries: EntryStore, names: ReadonlyMap<string, EntryName>): AsyncGenerator<LiveEntry> {
  const sizes = await entries.measure([...names.keys()])
  for (const [index, name] of [...names.values()].entries()) {
    const sizeBytes = sizes[index] ?? -1
    if (sizeBytes >= 0) yield { ...name, sizeBytes }
  }
}
