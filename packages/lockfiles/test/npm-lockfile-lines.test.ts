import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseLockfile } from '../src/index.ts'

interface Member {
  readonly key: string
  readonly line: number
  readonly value: Node
}

type Node = readonly Member[] | undefined

/** The reference: a slow recursive reader that splits JSON into tokens by one expression. Only objects are kept. */
function readObjects(text: string): Node {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)].map((match) => ({
    text: match[0],
    line: text.slice(0, match.index).split('\n').length,
  }))
  let next = 0
  function isNext(...texts: readonly string[]): boolean {
    return texts.includes(tokens[next]?.text ?? '')
  }
  function readMember(): Member {
    const { text: key = '""', line = 0 } = tokens[next] ?? {}
    next += 2
    return { key: JSON.parse(key) as string, line, value: readValue() }
  }
  function readValue(): Node {
    const open = tokens[next++]?.text
    if (open !== '{' && open !== '[') return undefined
    const members: Member[] = []
    while (!isNext('}', ']')) {
      if (isNext(',')) next++
      if (open === '[') readValue()
      else members.push(readMember())
    }
    next++
    return open === '{' ? members : undefined
  }
  return readValue()
}

function last(node: Node, key: string): Node {
  return node?.findLast((member) => member.key === key)?.value
}

const name = fc.constantFrom(
  'a',
  'b',
  '1',
  '42',
  '@s/c',
  '__proto__',
  'constructor',
  'é',
  'a"b',
  'x\\y',
  'packages',
  'dependencies',
)
const version = fc.constantFrom('1.0.0', '2.0.0-rc.1')
const noise = fc.dictionary(
  name,
  fc.oneof(fc.string(), fc.integer(), fc.constant([{ a: ['}', '"'] }]), fc.constant(null)),
  {
    maxKeys: 3,
  },
)

/** Writes objects as arrays of pairs, so that keys repeat and stand in any order, with any white space between them. */
type Json = string | number | null | readonly (readonly [string, Json])[]

function write(value: Json, gaps: () => string): string {
  if (!Array.isArray(value)) return JSON.stringify(value)
  const members = (value as readonly (readonly [string, Json])[]).map(
    ([key, inner]) => `${gaps()}${JSON.stringify(key)}${gaps()}:${gaps()}${write(inner, gaps)}`,
  )
  return `{${members.join(`${gaps()},`)}${gaps()}}`
}

const space = fc.infiniteStream(fc.constantFrom('', ' ', '\n', '\r\n  ', '\n\n\t'))
const pretty = fc.constant(['\n'][Symbol.iterator]())

function gapsOf(stream: Iterator<string>): () => string {
  return () => String(stream.next().value ?? '\n')
}

const entry = fc.tuple(version, noise).map(([value, more]): Json => [
  [
    'x',
    write(
      Object.entries(more).map(([key]) => [key, key]),
      () => '',
    ),
  ],
  ['version', value],
  ['dependencies', Object.keys(more).map((key) => [key, '*'])],
])

describe('the lines of an npm lockfile', () => {
  it('are those of a slow reader for any packages, white space, order and repetition', () => {
    const location = fc.oneof(
      name.map((value) => `node_modules/${value}`),
      fc.tuple(name, name).map(([outer, inner]) => `node_modules/${outer}/node_modules/${inner}`),
      name.map((value) => `packages/x/node_modules/${value}`),
      fc.constantFrom('', 'packages/x', '7'),
    )
    const packages = fc.array(fc.tuple(location, entry), { maxLength: 8 })
    fc.assert(
      fc.property(packages, packages, fc.boolean(), fc.oneof(space, pretty), (list, decoys, isTwice, stream) => {
        const sections: [string, Json][] = [
          ['lockfileVersion', 3],
          ['decoy', decoys],
          ['packages', list],
        ]
        if (isTwice) sections.splice(1, 0, ['packages', decoys])
        const text = write(sections, gapsOf(stream[Symbol.iterator]()))

        const expected = new Map<string, number>()
        for (const member of last(readObjects(text), 'packages') ?? []) {
          expected.delete(member.key)
          expected.set(member.key, member.line)
        }
        expected.delete('')
        const { packages: found, problems } = parseLockfile('package-lock.json', text)
        const refused = problems.filter(({ reason }) => reason.startsWith('The entry')).map(({ line }) => line)
        expect([...found.map(({ line }) => line), ...refused].sort()).toEqual([...expected.values()].sort())
      }),
      { numRuns: 250 },
    )
  })

  it('are those of a slow reader for nested dependencies of version 1', () => {
    const leaf = fc.tuple(version, noise)
    const { level } = fc.letrec<{ level: readonly (readonly [string, Json])[] }>((tie) => ({
      level: fc.array(
        fc
          .tuple(name, leaf, fc.option(tie('level'), { nil: undefined, depthSize: 'small' }))
          .map(([key, [value, more], inner]) => {
            const members: [string, Json][] = [
              ['version', value],
              ['requires', Object.keys(more).map((other) => [other, '*'])],
            ]
            if (inner !== undefined) members.unshift(['dependencies', inner])
            return [key, members] as const
          }),
        { maxLength: 4 },
      ),
    }))
    fc.assert(
      fc.property(level, space, (dependencies, stream) => {
        const text = write(
          [
            ['dependencies', dependencies],
            ['lockfileVersion', 1],
          ],
          gapsOf(stream[Symbol.iterator]()),
        )
        const expected: number[] = []
        function collect(node: Node): void {
          const keys = new Map((node ?? []).map((member) => [member.key, member]))
          for (const { line, value } of keys.values()) {
            expected.push(line)
            collect(last(value, 'dependencies'))
          }
        }
        collect(last(readObjects(text), 'dependencies'))
        const { packages, problems } = parseLockfile('npm-shrinkwrap.json', text)
        const refused = problems.filter(({ reason }) => reason.startsWith('The entry')).map(({ line }) => line)
        expect([...packages.map(({ line }) => line), ...refused].sort()).toEqual(expected.sort())
      }),
      { numRuns: 150 },
    )
  })

  it('are right for a decoy of a key inside an entry before it', () => {
    const text = [
      '{ "lockfileVersion": 3, "packages": {',
      '"node_modules/a": { "version": "1.0.0", "x": {',
      '"node_modules/b": { "version": "6.6.6" } } },',
      '',
      '"node_modules/b": { "version": "1.0.0" } } }',
    ].join('\n')
    expect(parseLockfile('package-lock.json', text).packages.map(({ line }) => line)).toEqual([2, 5])
  })

  it('are right for a decoy of an escaped key inside a string before it', () => {
    const text = [
      '{ "lockfileVersion": 3, "packages": {',
      '"node_modules/a": { "version": "1.0.0", "license": "\\"node_modules/b" },',
      '',
      '"node_modules\\/b": { "version": "1.0.0" } } }',
    ].join('\n')
    expect(parseLockfile('package-lock.json', text).packages.map(({ line }) => line)).toEqual([2, 4])
  })
})
