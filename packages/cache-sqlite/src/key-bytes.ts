import { CacheError } from '@x/core'

/** How many bytes a key may have with its tags: they are stored more than once, and no limit for values counts them. */
const MOST_KEY_BYTES = 1_024 * 1_024
/** What a tag takes besides its text. */
const BYTES_PER_TAG = 16
/** How many times its bytes a tag takes: it lies in a table and in an index, whose pages are not full. */
const TAG_COPIES = 3
/** A key of no more UTF-16 units is taken for ASCII, so that it costs nothing to count: its other bytes are few. */
const SHORT_KEY = 64
/** A longer key has pages of its own in the index of keys, and most often in the table; the last of them is not full. */
const LONG_KEY_BYTES = 900
const PAGE_BYTES = 4_096

/** The bytes of the tags of one entry, as key text. */
export function tagBytesOf(tags: readonly string[]): number {
  let bytes = 0
  for (const tag of tags) bytes += Buffer.byteLength(tag) + BYTES_PER_TAG
  return bytes
}

/** What a key, as key text, and tags of so many bytes take in the file, about. */
export function storedKeyBytes(keyText: string, tagBytes: number): number {
  if (keyText.length <= SHORT_KEY) return 2 * keyText.length + TAG_COPIES * tagBytes
  const bytes = Buffer.byteLength(keyText)
  return 2 * (bytes > LONG_KEY_BYTES ? bytes + PAGE_BYTES : bytes) + TAG_COPIES * tagBytes
}

/**
 * Refuses a key that is too long, or has too many tags.
 *
 * @throws CacheError `VALUE_TOO_LARGE`.
 */
export function assertKeyFits(key: string, keyText: string, tagBytes: number): void {
  // No UTF-16 unit has more than three bytes.
  if (3 * keyText.length + tagBytes <= MOST_KEY_BYTES) return
  const bytes = Buffer.byteLength(keyText) + tagBytes
  if (bytes <= MOST_KEY_BYTES) return
  throw new CacheError('VALUE_TOO_LARGE', {
    message: `The key that begins with ${JSON.stringify(key.slice(0, 40))} has ${bytes} bytes with its tags, more than the limit of ${MOST_KEY_BYTES}. Shorten it, or give it fewer tags.`,
    details: { key, bytes, limit: MOST_KEY_BYTES },
  })
}
