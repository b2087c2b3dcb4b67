import { randomBytes } from 'node:crypto'

import { fromKeyText, toKeyText } from './key-text.ts'

/*
 * What stands under a key in Redis:
 *
 *   x1e:{stamp}:{payload}                         an entry
 *   x1m:{stamp}:{grace}:{tag}:{tag}:…%:{payload}  an entry with a grace (milliseconds) or tags
 *   x1p:{stamp}:                                  nothing, but somebody is loading it: see Epochs
 *
 * A stamp is never used twice, so that equal headers mean that nothing was written in between.
 */

/** An entry without a grace and without tags. */
const ENTRY = 'x1e:'
const ENTRY_START = Buffer.from(ENTRY).readInt32BE()
const COLON = 0x3a
const ZERO = 0x30
/** An entry with either. */
const MARKED_ENTRY = 'x1m:'
const MARKED_ENTRY_START = Buffer.from(MARKED_ENTRY).readInt32BE()
/** No entry. */
export const PLACEHOLDER = 'x1p:'
/** Of kind, stamp and the `:` after each. */
export const HEADER_LENGTH = 22
/** Where the stamp begins. */
export const STAMP_START = 4

const STAMP_RANDOM_LENGTH = 9
/** Of eight digits each, which cost less than others to make. */
const STAMP_COUNTS = { first: 10_000_000, last: 99_999_999 }
const MARKS_END = ':%:'

/** An entry as it was read. */
export interface EntryText {
  /** What the codec wrote. */
  readonly payload: string
  /** How long before Redis removes it it is not live any more, in milliseconds. */
  readonly graceMs: number
}

/** Makes stamps that nobody else makes, in this or another process. */
export class StampMaker {
  #random = ''
  #count = STAMP_COUNTS.last

  /** Another one each time. */
  next(): string {
    if (this.#count === STAMP_COUNTS.last) {
      this.#random = randomBytes(STAMP_RANDOM_LENGTH).toString('base64url').slice(0, STAMP_RANDOM_LENGTH)
      this.#count = STAMP_COUNTS.first - 1
    }
    this.#count += 1
    return `${this.#random}${this.#count}`
  }
}

/** What an entry is besides its payload. */
export interface EntryMarks {
  /** Milliseconds, 0 for none. */
  readonly graceMs: number
  /** Each once. */
  readonly tags: readonly string[]
}

/** The text of an entry up to its payload. */
export function entryHead(stamp: string, { graceMs, tags }: EntryMarks): string {
  if (graceMs === 0 && tags.length === 0) return `${ENTRY}${stamp}:`
  return `${MARKED_ENTRY}${stamp}:${graceMs}${tags.map((tag) => `:${toKeyText(tag)}`).join('')}${MARKS_END}`
}

/** Reads what stands under a key: `undefined` for nothing or a placeholder, `"foreign"` for bytes that are not ours. */
export function parseEntry(bytes: Buffer | null): EntryText | 'foreign' | undefined {
  if (bytes === null) return undefined
  // Without its header, which is not made text of.
  if (bytes.length >= HEADER_LENGTH && bytes.readInt32BE() === ENTRY_START && bytes[HEADER_LENGTH - 1] === COLON) {
    return { payload: bytes.toString('utf8', HEADER_LENGTH), graceMs: 0 }
  }
  const text = bytes.toString()
  if (text.startsWith(PLACEHOLDER)) return undefined
  if (!text.startsWith(MARKED_ENTRY)) return 'foreign'
  const end = text.indexOf(MARKS_END, HEADER_LENGTH)
  const graceMs = Number.parseInt(text.slice(HEADER_LENGTH, end), 10)
  if (end === -1 || Number.isNaN(graceMs)) return 'foreign'
  return { payload: text.slice(end + MARKS_END.length), graceMs }
}

/** What the marks of an entry with tags say: see `entryHead`. */
export function parseMarks(marks: string): EntryMarks {
  const [grace, ...tags] = marks.split(':')
  return { graceMs: Number(grace), tags: tags.slice(0, -1).map(fromKeyText) }
}

/** Whether it is an entry that stays after its ttl, so that it may not be live. */
export function hasGrace(bytes: Buffer | null | undefined): boolean {
  if (bytes == null || bytes.length < HEADER_LENGTH || bytes.readInt32BE() !== MARKED_ENTRY_START) return false
  // One with tags alone: its text is made when it is decoded.
  if (bytes[HEADER_LENGTH] === ZERO) return false
  const found = parseEntry(bytes)
  return typeof found === 'object' && found.graceMs > 0
}
