import type { Codec } from '@x/core'

import { type EntryStore, FOREIGN } from './entry-store.ts'
import { decodeValue } from './entry-value.ts'
import type { LocalTier } from './local-tier.ts'

/** What is read. */
export interface LocalRead {
  /** Its category. */
  readonly category: string
  /** As the caller gave it. */
  readonly key: string
  /** Where it lies. */
  readonly redisKey: string
  /** For the value. */
  readonly codec: Codec
}

/**
 * Reads a live entry from Redis, and keeps it in the local tier while that is coherent: how long it lives is asked in the same
 * round trip.
 */
export async function readAndKeep(local: LocalTier, entries: EntryStore, read: LocalRead): Promise<unknown> {
  const { category, key, redisKey, codec } = read
  const fill = local.begin(category, key)
  if (fill === undefined) return decodeValue(codec, key, await entries.read(redisKey, category, false))
  try {
    const [found, ttlMs] = await Promise.all([entries.read(redisKey, category, false), entries.ttl(redisKey)])
    const value = decodeValue(codec, key, found)
    if (found === undefined || found === FOREIGN || ttlMs === undefined) return value
    return local.keep(fill, { value, payload: found.payload, ttlMs })
  } finally {
    local.abandon(fill)
  }
}
