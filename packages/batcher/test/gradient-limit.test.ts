import { describe, expect, it } from 'vitest'

import { createGradientLimit } from '../src/gradient-limit.ts'

/** How long a request took, how many were in flight, and how often this happened in a row. */
const SAMPLES: readonly (readonly [duration: number, inFlight: number, times: number])[] = [
  [100, 20, 12],
  [100, 100, 20],
  [100, 9, 4],
  [400, 60, 15],
  [180, 40, 10],
  [20, 40, 12],
  [100, 300, 8],
]
/** The limits that a program written apart from this one, after Netflix's Java, gives for these samples. */
const TRACE = [
  20, 21, 22, 23, 24, 24, 25, 26, 27, 28, 28, 29, 30, 31, 32, 32, 33, 34, 35, 36, 36, 37, 38, 39, 40, 40, 41, 42, 43,
  44, 44, 45, 45, 45, 45, 45, 41, 38, 35, 32, 30, 27, 25, 24, 22, 21, 20, 20, 20, 20, 20, 20, 21, 21, 22, 23, 23, 24,
  25, 25, 26, 27, 28, 28, 29, 30, 31, 32, 32, 33, 34, 35, 36, 36, 36, 36, 36, 37, 37, 37, 38,
]

describe('an adaptive limit', () => {
  it('follows the reference trace of Gradient2: steady, idle, overloaded, recovering, quick, and slow again', () => {
    const limit = createGradientLimit(true)
    const trace = SAMPLES.flatMap(([duration, inFlight, times]) =>
      Array.from({ length: times }, () => {
        limit.sample(duration, inFlight)
        return limit.limit
      }),
    )
    expect(trace).toEqual(TRACE)
  })

  it('never leaves its bounds', () => {
    const limit = createGradientLimit({ initial: 3, min: 2 }, 5)
    expect(limit.limit).toBe(3)
    for (let index = 0; index < 100; index += 1) limit.sample(100, 10)
    expect(limit.limit).toBe(5)
    for (let index = 0; index < 100; index += 1) limit.sample(100_000, 10)
    for (let index = 0; index < 2_000; index += 1) limit.sample(index % 2 === 0 ? 1 : 100_000, 10)
    expect(limit.limit).toBeGreaterThanOrEqual(2)
    expect(createGradientLimit(true, 4).limit).toBe(4)
  })

  it('bears a clock that sees no time', () => {
    const limit = createGradientLimit(true)
    for (let index = 0; index < 50; index += 1) limit.sample(0, 100)
    expect(limit.limit).toBeGreaterThan(20)
  })
})
