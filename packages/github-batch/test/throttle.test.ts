import { describe, expect, it } from 'vitest'

import { readThrottle } from '../src/client/throttle.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response('', { status, headers })
}

describe('readThrottle()', () => {
  it.each([
    ['seconds', answer(429, { 'retry-after': '30' }), now + 30_000],
    ['zero, which means now', answer(403, { 'retry-after': '0' }), now],
    ['a date', answer(503 - 100, { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }), now + 60_000],
  ])('takes retry-after as %s', (_, response, until) => {
    expect(readThrottle(response, '', now)).toEqual({ until })
  })

  it('takes the reset of an empty window where there is no retry-after', () => {
    const response = answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 5) })
    expect(readThrottle(response, 'API rate limit exceeded', now)).toEqual({ until: now + 5_000 })
  })

  it('knows a secondary limit without a time by its words, and any 429', () => {
    expect(readThrottle(answer(403), 'You have exceeded a secondary rate limit.', now)).toEqual({})
    expect(readThrottle(answer(429), '', now)).toEqual({})
  })

  it('takes a plain refusal for what it is', () => {
    expect(readThrottle(answer(403), 'Resource not accessible by integration', now)).toBeUndefined()
    expect(readThrottle(answer(404), 'secondary rate limit', now)).toBeUndefined()
    expect(readThrottle(answer(403, { 'x-ratelimit-remaining': '12' }), 'Must have admin rights', now)).toBeUndefined()
  })
})
