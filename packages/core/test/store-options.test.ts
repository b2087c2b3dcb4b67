import { describe, expect, it } from 'vitest'
import { createTtlPolicy, DEFAULT_CATEGORY, type Duration, hitRateOf, systemClock } from '../src/index.ts'

describe('createTtlPolicy()', () => {
  const lifeOf = createTtlPolicy('1h', { short: { ttl: '1m' }, none: { ttl: 0 }, sized: { maxSizeBytes: 1 } })

  it("takes the call's own, else the category's, else the store's", () => {
    expect(lifeOf('short', '5s')).toBe(5_000)
    expect(lifeOf('short')).toBe(60_000)
    expect(lifeOf('sized')).toBe(3_600_000)
    expect(lifeOf(DEFAULT_CATEGORY)).toBe(3_600_000)
  })

  it('does not take 0 for an absent one', () => {
    expect(lifeOf('none')).toBe(0)
    expect(lifeOf('short', 0)).toBe(0)
  })

  it('knows no categories but its own', () => {
    expect(createTtlPolicy(1)('constructor')).toBe(1)
    expect(createTtlPolicy(1, { ['__proto__']: { ttl: 2 } })('__proto__')).toBe(2)
  })

  it('refuses a wrong ttl when it is made', () => {
    expect(() => createTtlPolicy(Number.NaN)).toThrow(RangeError)
    expect(() => createTtlPolicy(1, { a: { ttl: 'soon' as Duration } })).toThrow(RangeError)
    expect(() => lifeOf('short', Number.NaN)).toThrow(RangeError)
  })
})

describe('hitRateOf()', () => {
  it('is the share of reads that hit, and 0 before the first', () => {
    expect(hitRateOf(0, 0)).toBe(0)
    expect(hitRateOf(1, 1)).toBe(0.5)
    expect(hitRateOf(99, 1)).toBe(0.99)
    expect(hitRateOf(0, 5)).toBe(0)
  })
})

describe('systemClock', () => {
  it('is the time of the machine', () => {
    const before = Date.now()
    const now = systemClock.now()
    expect(now >= before && now <= Date.now()).toBe(true)
  })
})
