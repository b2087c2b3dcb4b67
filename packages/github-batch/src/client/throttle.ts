/** What GitHub says about when to come back. */
export interface Throttle {
  /** When to go on: milliseconds since the Unix epoch; absent where GitHub named no time. */
  readonly until?: number | undefined
}

/**
 * Reads whether an answer is a limit rather than a refusal: `retry-after`, an hourly window with nothing left, or the
 * words of a secondary limit ("Best practices for using the REST API", docs.github.com, 2026-11).
 */
export function readThrottle({ status, headers }: Response, body: string, now: number): Throttle | undefined {
  if (status !== 403 && status !== 429) return undefined
  const throttle = readThrottleTime(headers, now)
  return throttle.until !== undefined || status === 429 || isAboutLimits(body) ? throttle : undefined
}

/** Reads when a limit lifts: `retry-after` first, then the reset of an hourly window with nothing left. */
export function readThrottleTime(headers: Headers, now: number): Throttle {
  const retryAfter = readRetryAfter(headers.get('retry-after'), now)
  if (retryAfter !== undefined) return { until: retryAfter }
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  return headers.get('x-ratelimit-remaining') === '0' && Number.isFinite(reset) ? { until: reset * 1_000 } : {}
}

/** Whether GitHub's words are about a limit. */
export function isAboutLimits(words: string): boolean {
  return /rate limit|abuse detection/i.test(words)
}

/** `Retry-After` is a number of seconds (0 means now) or an HTTP date (RFC 9110, 10.2.3). */
function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+\s*$/.test(header)) return now + Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : date
}
