import { type Codec, freezePlain } from '@x/core'

/**
 * What readers get: `"frozen"`: one private copy, deeply frozen, the same for all; what freezing does not protect (dates,
 * maps, sets, bytes, which only `richCodec()` keeps) is read as with `"copy"`. `"copy"`: a copy of one's own, made by each
 * read. `"reference"`: the very object that was stored, unprotected, which need not be anything that the codec takes.
 */
export type ValueMode = 'frozen' | 'copy' | 'reference'

/** A value as it lies in memory. */
export interface HeldValue {
  /** The value, or its text. */
  readonly held: unknown
  /** Whether `held` is text that each read decodes. */
  readonly isText: boolean
  /** Bytes of the encoded value. */
  readonly sizeBytes: number
}

/** Turns values into what is held of them, and back. */
export interface ValueHolder {
  /**
   * What is kept of a value.
   *
   * @throws CacheError `NOT_SERIALIZABLE` where the codec refuses the value.
   */
  hold(value: unknown): HeldValue
  /** What a reader gets. */
  read(entry: HeldValue): unknown
}

/** Holds private values: frozen, or as text. */
export function privateHolder(codec: Codec, mode: 'frozen' | 'copy'): ValueHolder {
  const isHoldable = mode === 'frozen' ? freezePlain : isPrimitive
  return {
    hold(value) {
      const text = codec.encode(value)
      const sizeBytes = Buffer.byteLength(text)
      const copy = codec.decode(text)
      return isHoldable(copy) ? { held: copy, isText: false, sizeBytes } : { held: text, isText: true, sizeBytes }
    },
    read: ({ held, isText }) => (isText ? codec.decode(held as string) : held),
  }
}

/** Holds the values themselves; `sizeOf` says what they count. */
export function referenceHolder(sizeOf: (value: unknown) => number): ValueHolder {
  return {
    hold: (value) => ({ held: value, isText: false, sizeBytes: sizeOf(value) }),
    read: ({ held }) => held,
  }
}

/** Bytes of the encoded value; of one that the codec refuses, the estimate. */
export function encodedSizeOf(codec: Codec, estimatedSizeBytes: number): (value: unknown) => number {
  return (value) => {
    try {
      return Buffer.byteLength(codec.encode(value))
    } catch {
      return estimatedSizeBytes
    }
  }
}

function isPrimitive(value: unknown): boolean {
  return Object(value) !== value
}
