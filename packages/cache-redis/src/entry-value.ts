import { CacheError, type Codec } from '@x/core'

import { FOREIGN, type Found } from './entry-store.ts'

/**
 * A value as Redis keeps it.
 *
 * @throws TypeError for `undefined`; CacheError `NOT_SERIALIZABLE`, or what the codec throws.
 */
export function encodeValue(codec: Codec, key: string, value: unknown): string {
  if (value === undefined) {
    throw new TypeError(`Cannot store undefined under ${JSON.stringify(key)}: it means a miss. Store null, or delete.`)
  }
  const text = codec.encode(value)
  if (text.isWellFormed()) return text
  throw new CacheError('NOT_SERIALIZABLE', {
    message: `The codec's text for ${JSON.stringify(key)} has a lone surrogate, which UTF-8 cannot keep. Let the codec escape it.`,
    details: { key, path: 'value' },
  })
}

/**
 * The value that was found, or `undefined` for a miss.
 *
 * @throws CacheError `STORE_CORRUPT` for what this cache and its codec did not write.
 */
export function decodeValue(codec: Codec, key: string, found: Found): unknown {
  if (found === undefined) return undefined
  if (found === FOREIGN) throw notOurs(key)
  try {
    return codec.decode(found.payload)
  } catch (cause) {
    throw notOurs(key, cause)
  }
}

function notOurs(key: string, cause?: unknown): CacheError {
  return new CacheError('STORE_CORRUPT', {
    message: `What Redis has under ${JSON.stringify(key)} was not written by this cache and its codec. Delete it, or use another namespace.`,
    details: { key },
    cause,
  })
}
