import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml'

import { parseLockfile } from '../src/index.ts'
import { fixture } from './fixtures.ts'

const JSON_FORMAT = { read: JSON.parse, write: (value: unknown) => JSON.stringify(value, undefined, 1) }
const YAML_FORMAT = {
  read: (text: string): unknown => parseYaml(text, { schema: 'failsafe' }),
  write: (value: unknown) => stringifyYaml(value, { aliasDuplicateObjects: false, lineWidth: 0 }),
}

/** The same value with the keys of every object in another order. */
function reordered(value: unknown, random: () => number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => reordered(item, random))
  const keys = Object.keys(value).map((key) => ({ key, place: random() }))
  keys.sort((a, b) => a.place - b.place)
  return Object.fromEntries(keys.map(({ key }) => [key, reordered((value as Record<string, unknown>)[key], random)]))
}

describe.each([
  ['npm-v1', JSON_FORMAT],
  ['npm-v2', JSON_FORMAT],
  ['npm-v3', JSON_FORMAT],
  ['npm-hidden', JSON_FORMAT],
  ['package-json', JSON_FORMAT],
  ['composer', JSON_FORMAT],
  ['hand-pipfile', JSON_FORMAT],
  ['hand-nuget', JSON_FORMAT],
  ['hand-swift-v3', JSON_FORMAT],
  ['cyclonedx-npm', JSON_FORMAT],
  ['spdx-npm', JSON_FORMAT],
  ['pnpm-v5', YAML_FORMAT],
  ['pnpm-v6', YAML_FORMAT],
  ['pnpm-v9', YAML_FORMAT],
  ['yarn-berry', YAML_FORMAT],
  ['hand-pubspec', YAML_FORMAT],
])('%s', (name, { read, write }) => {
  it('is the same in any order of its keys, but for the lines', () => {
    const { fileName, text } = fixture(name)
    const value: unknown = read(text)
    const contentOf = (written: string): unknown => {
      const { packages, ranges, problems } = parseLockfile(fileName, written)
      const withoutLines = [...packages, ...ranges].map(({ line, ...rest }) => JSON.stringify(rest) + String(line > 0))
      return [withoutLines.sort(), problems.map(({ reason }) => reason).sort()]
    }
    const expected = contentOf(text)
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20 }), (numbers) => {
        let next = 0
        const other = reordered(value, () => numbers[next++ % numbers.length] ?? 0)
        expect(contentOf(write(other))).toEqual(expected)
      }),
      { numRuns: 10 },
    )
  })
})
