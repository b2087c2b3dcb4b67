import { compileGlob } from '@x/core'

/** Which keys a pattern means. */
export interface KeyMatcher {
  /** The pattern as a person wrote it. */
  readonly pattern: string
  /** The one key that it means, where it has no wildcard. */
  readonly literal: string | undefined
  /** Whether the whole key matches. */
  readonly matches: (key: string) => boolean
}

/**
 * Compiles a glob, or a `RegExp` that must match the whole key.
 *
 * @throws RangeError for a malformed glob; TypeError for what is neither.
 */
export function compileKeyMatcher(pattern: string | RegExp): KeyMatcher {
  if (typeof pattern === 'string') {
    const glob = compileGlob(pattern)
    return { pattern, literal: glob.isLiteral ? glob.literalPrefix : undefined, matches: (key) => glob.matches(key) }
  }
  if (!(pattern instanceof RegExp)) throw new TypeError(`Not a pattern: ${String(pattern)}. Give a glob or a RegExp.`)
  // Not ^ and $, which flag m turns into the ends of a line; without g and y, which would remember the last match.
  const whole = new RegExp(`(?<![\\s\\S])(?:${pattern.source})(?![\\s\\S])`, pattern.flags.replace(/[gy]/g, ''))
  return { pattern: String(pattern), literal: undefined, matches: (key) => whole.test(key) }
}
