import { HttpStatusError } from '@x/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { readThrottle } from '../src/throttle.ts'

describe('readThrottle() far from Greenwich', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'Asia/Kolkata')
    expect(new Date(0).getTimezoneOffset()).toBe(-330)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  // The three forms of RFC 9110, 5.6.7; the last names no zone, and means GMT.
  const forms = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']
  const pairs = forms.flatMap((until) => forms.map((sent) => [until, sent.replace(':37', ':07')] as const))

  it.each<readonly [until: string, date: string]>([
    ...pairs,
    ['1994-11-06T08:49:37Z', '1994-11-06T08:49:07'],
    ['Sun, 06 Nov 1994 08:49:37 +0000', 'Sun, 06 Nov 1994 09:49:07 +0100'],
  ])('reads that %s is half a minute after %s', (until, date) => {
    const headers = new Headers({ 'retry-after': until, date })
    expect(readThrottle(new HttpStatusError('busy', 429, { headers }))?.waitMs).toBe(30_000)
  })
})
