import { isHttpStatusError } from '@x/core'

/** What a server that asked for a pause said. */
export interface Throttle {
  /** How long to wait, in milliseconds; absent where it named no time. */
  readonly waitMs?: number | undefined
  /** Whether it is up and only asks for patience. A 503 that names no time does not say so: the server may be down. */
  readonly isLimit: boolean
}

/**
 * Reads whether an error says "later": 429, 503, or any status with `Retry-After`. That is a number of seconds (0 means
 * now) or an HTTP date (RFC 9110, 10.2.3), which is compared with the answer's own `Date`: the clocks need not agree.
 */
export function readThrottle(error: unknown): Throttle | undefined {
  if (!isHttpStatusError(error)) return undefined
  const waitMs = readRetryAfter(readHeader(error, 'retry-after'), readHeader(error, 'date'))
  const isLimit = waitMs !== undefined || error.statusCode === 429
  return isLimit || error.statusCode === 503 ? { waitMs, isLimit } : undefined
}

/** A client of somebody's own may have no headers, or a plain object of them. */
function readHeader({ headers }: { readonly headers?: Partial<Pick<Headers, 'get'>> }, name: string): string {
  return headers?.get?.(name) ?? ''
}

function readRetryAfter(retryAfter: string, date: string): number | undefined {
  if (/^\s*\d+(\.\d+)?\s*$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const until = parseDate(retryAfter)
  if (Number.isNaN(until)) return undefined
  const sent = parseDate(date)
  return Math.max(0, until - (Number.isNaN(sent) ? Date.now() : sent))
}

/** A date of HTTP, in GMT where it names no zone (RFC 9110, 5.6.7); `NaN` for what is none. */
function parseDate(text: string): number {
  // `Date.parse` makes a date of "-1" as well; each form that HTTP knows has a time of day.
  if (!/\d:\d\d/.test(text)) return Number.NaN
  const namesZone = /(?:[a-z]|[+-]\d\d:?\d\d)\s*$/i.test(text)
  return Date.parse(namesZone ? text : `${text}Z`)
}
