import { describe, expect, it } from 'vitest'

import { type Row } from '../src/run-benchmark.ts'
import { type Target, verdictOf, verdictText } from '../src/target.ts'

function row(name: string, role: Row['role'], rest: Partial<Row>): Row {
  return { name, role, median: 1_000, slowest: 0, fastest: 0, oursIsTimes: 1, costs: {}, ...rest }
}

const rows = [
  row('cold', 'ours', { costs: { pause: 60 } }),
  row('warm', 'ours', { median: 8_000 }),
  row('raw', 'limit', { oursIsTimes: 0.8, median: 1_250 }),
  row('slow', 'peer', { oursIsTimes: 4, median: 250 }),
  row('fast', 'peer', { oursIsTimes: 2, median: 500 }),
]

describe('a target', () => {
  it.each<[Target, string]>([
    [{ against: 'the raw limit', ratio: 0.85 }, '0.85 × the raw limit: 0.8, missed by 6 %'],
    [{ against: 'the best peer', ratio: 1 }, '1 × the best peer: 2, met'],
    [{ against: 'slow', ratio: 5 }, '5 × slow: 4, missed by 20 %'],
    [{ of: 'warm', against: 'slow', ratio: 5 }, 'warm: 5 × slow: 32, met'],
    [{ against: 'absent', ratio: 5 }, '5 × absent: not measured'],
    [{ leastPerSecond: 4_000 }, '4000 a second: 1000, missed by 75 %'],
    [{ mostMs: 100 }, '≤ 100 ms: 100, met'],
    [{ mostMs: 80 }, '≤ 80 ms: 100, missed by 25 %'],
    [{ cost: 'pause', most: 50 }, 'pause ≤ 50: 60, missed by 20 %'],
    [{ cost: 'absent', most: 50 }, 'absent ≤ 50: not measured'],
  ])('%j is judged', (target, words) => {
    expect(verdictText(verdictOf(target, { rows, operations: 100 }))).toBe(words)
  })
})
