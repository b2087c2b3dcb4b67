import { LockfileFault, placeOf } from '../lockfile-fault.ts'

/**
 * Refuses a carriage return without a line feed. YAML, yarn and Gradle end a line there, editors and diffs often do not: an entry
 * could hide behind what looks like a comment.
 *
 * @throws LockfileFault `MALFORMED` at the first one.
 */
export function refuseLoneCarriageReturns(text: string): void {
  if (!text.includes('\r')) return
  const lone = /\r(?!\n)/.exec(text)
  if (lone !== null) throw new LockfileFault('MALFORMED', 'A carriage return stands alone.', placeOf(text, lone.index))
}
