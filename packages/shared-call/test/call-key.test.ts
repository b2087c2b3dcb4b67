import { isDeepStrictEqual } from 'node:util'

import { describe, expect, it } from 'vitest'

import { callKey } from '../src/index.ts'
import { seededRandom } from '../../../scripts/seeded-random.ts'

const TEXTS = [
  '',
  ' ',
  'a',
  'b',
  ':',
  ',',
  '"',
  '\\',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '1',
  '-0',
  'n',
  '1n',
  'null',
  'true',
  'undefined',
  'Date(',
  'Bytes(',
  '\0',
  'é',
  '\ud800',
  '\\ud800',
  '😀',
]
const NUMBERS = [0, -0, 1, -1, 10, 0.1, 1e21, 2 ** 53, NaN, Infinity, -Infinity]

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T
}

function text(random: () => number): string {
  let made = ''
  for (let length = Math.floor(random() * 4); length > 0; length -= 1) made += pick(random, TEXTS)
  return made
}

function several<T>(random: () => number, make: () => T): T[] {
  return Array.from({ length: Math.floor(random() * 3) }, make)
}

function plain(random: () => number): unknown {
  return pick(random, [
    () => text(random),
    () => text(random),
    () => pick(random, NUMBERS),
    () => Math.floor(random() * 1e6),
    () => BigInt(Math.floor(random() * 20) - 10),
    () => pick(random, [null, undefined, true, false]),
    () => new Date(Math.floor(random() * 1e4)),
    () => new Uint8Array(several(random, () => random() * 256)),
  ])()
}

function value(random: () => number, depth: number): unknown {
  if (depth === 0 || random() < 0.5) return plain(random)
  const inner = (): unknown => value(random, depth - 1)
  const entry = (): [string, unknown] => [text(random), inner()]
  return pick<() => unknown>(random, [
    () => several(random, inner),
    () => several(random, inner),
    () => Object.fromEntries(several(random, entry)),
    () => new Map(several(random, entry)),
    () => new Set(several(random, () => text(random))),
  ])()
}

/** The tuple of a seed: made again when it is needed, so that a million need not be kept. */
function tuple(seed: number): unknown[] {
  const random = seededRandom(seed)
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => value(random, 2))
}

describe('callKey()', () => {
  it('gives equal keys to equal tuples only, among 1,000,000', { timeout: 120_000 }, () => {
    const fn = (): void => undefined
    const seen = new Map<string, number>()
    const collisions: unknown[] = []
    let distinct = 0
    for (let seed = 0; distinct < 1_000_000; seed += 1) {
      const args = tuple(seed)
      const key = callKey(fn, ...args)
      const other = seen.get(key)
      if (other === undefined) {
        seen.set(key, seed)
        distinct += 1
      } else if (!isDeepStrictEqual(tuple(other), args)) collisions.push([tuple(other), args])
    }
    expect(collisions).toEqual([])
  })
})
