import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Duration, toMilliseconds } from '../src/index.ts'

describe('toMilliseconds()', () => {
  it.each([
    [0, 0],
    [250, 250],
    [1.5, 1.5],
    [-1, -1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ['250ms', 250],
    ['2s', 2_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['-5m', -300_000],
  ] as const)('reads %o as %d', (duration, milliseconds) => {
    expect(toMilliseconds(duration)).toBe(milliseconds)
  })

  it('reads any number with any unit', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]))
    fc.assert(
      fc.property(fc.integer(), unit, (amount, name) => {
        expect(toMilliseconds(`${amount}${name}`)).toBe(amount * units[name])
      }),
    )
  })

  it('refuses every text that is not a decimal number with a unit', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/^-?\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)),
        (text) => {
          expect(() => toMilliseconds(text as Duration)).toThrow(RangeError)
        },
      ),
    )
  })

  it.each(['5', '', 'm', '5 m', ' 5m', '5m ', '5M', '.5m', '5.m', '1e3s', '+5m', 'Infinityms', '5min', '5m\n'])(
    'refuses %o',
    (text) => {
      expect(() => toMilliseconds(text as Duration)).toThrow(RangeError)
    },
  )
})
