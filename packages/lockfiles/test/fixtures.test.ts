import { describe, expect, it } from 'vitest'

import { parseLockfile } from '../src/index.ts'
import { describeLockfile, FIXTURES } from './fixtures.ts'

/** What an alias, an importer's link or a folder is called where its line does not have the package's own name. */
const OTHER_NAMES = new Map([
  ['@types/ms', '@scope/aliased'],
  ['lodash', 'lodash4'],
  ['jason', 'aliased'],
  ['beta', 'old'],
  ['github.com/new/module/v3', 'github.com/old/module'],
  ['example.com/fork', 'example.com/broken'],
  ['egg_thing', '#egg=egg_thing'],
])

/** How a line may name a package: in full, without its group or scope, as its folder, as its alias. */
function spellingsOf(name: string): string[] {
  const short = name.slice(Math.max(name.lastIndexOf(':'), name.lastIndexOf('/')) + 1)
  return [name, short, OTHER_NAMES.get(name) ?? name, name.replace('@fixture/', 'packages/')]
}

describe.each(FIXTURES)('the fixture $name', ({ fileName, text, expected }) => {
  it('is read as it was reviewed, with no problem', () => {
    const parsed = parseLockfile(fileName, text)
    expect(describeLockfile(parsed)).toEqual(expected)
    expect(parsed.problems).toEqual([])
  })

  it('has the name of each package on its line', () => {
    const lines = text.split('\n')
    const { packages, ranges } = parseLockfile(fileName, text)
    for (const { name, line } of [...packages, ...ranges]) {
      const found = (lines[line - 1] ?? '').toLowerCase()
      expect([name, found, spellingsOf(name).some((spelling) => found.includes(spelling.toLowerCase()))]).toEqual([
        name,
        found,
        true,
      ])
    }
  })

  it('is read the same with a byte order mark, with CRLF, and without a line feed at its end', () => {
    const parsed = parseLockfile(fileName, text)
    expect(parseLockfile(fileName, `\uFEFF${text}`)).toEqual(parsed)
    expect(parseLockfile(fileName, text.replaceAll('\n', '\r\n'))).toEqual(parsed)
    expect(parseLockfile(fileName, text.trimEnd())).toEqual(parsed)
  })
})
