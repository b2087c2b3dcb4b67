import { describe, expect, it } from 'vitest'

import { parseLockfile } from '../src/index.ts'
import { describePackage, FIXTURES } from './fixtures.ts'

/** What an alias, an importer's link or a folder is called where its line does not have the package's own name. */
const OTHER_NAMES = new Map([
  ['@types/ms', '@scope/aliased'],
  ['lodash', 'lodash4'],
])

describe.each(FIXTURES)('the fixture $name', ({ fileName, text, expected }) => {
  it('is read as it was reviewed, with no problem', () => {
    const { packages, ranges, problems } = parseLockfile(fileName, text)
    expect(packages.map(describePackage)).toEqual(expected)
    expect(problems).toEqual([])
    expect(ranges).toEqual([])
  })

  it('has the name of each package on its line', () => {
    const lines = text.split('\n')
    for (const { name, line } of parseLockfile(fileName, text).packages) {
      const found = lines[line - 1] ?? ''
      // A folder of the project stands under its path.
      const names = [name, OTHER_NAMES.get(name) ?? name, name.replace('@fixture/', 'packages/')]
      expect(names.some((candidate) => found.includes(candidate))).toBe(true)
    }
  })

  it('is read the same with a byte order mark, with CRLF, and without a line feed at its end', () => {
    const parsed = parseLockfile(fileName, text)
    expect(parseLockfile(fileName, `\uFEFF${text}`)).toEqual(parsed)
    expect(parseLockfile(fileName, text.replaceAll('\n', '\r\n'))).toEqual(parsed)
    expect(parseLockfile(fileName, text.trimEnd())).toEqual(parsed)
  })
})
