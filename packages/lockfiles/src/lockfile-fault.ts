import { type LockfileErrorCode } from './lockfile-error.ts'

/** What a parser throws to give up: it knows the place, `parseLockfile` adds the path and makes the public error. */
export class LockfileFault extends Error {
  readonly code: LockfileErrorCode
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(code: LockfileErrorCode, reason: string, place: { line?: number; column?: number } = {}) {
    super(reason)
    this.code = code
    this.line = place.line
    this.column = place.column
  }
}

/** The place of an offset in a text, as people count: both numbers from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', start)) {
    line++
    start = next + 1
  }
  return { line, column: offset - start + 1 }
}
