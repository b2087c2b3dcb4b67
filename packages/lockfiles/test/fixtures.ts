import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { type LockedPackage, type PackageRange, type ParsedLockfile } from '../src/index.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')

/** A lockfile that a package manager wrote, and what it says. */
export interface Fixture {
  readonly name: string
  readonly fileName: string
  readonly text: string
  /** One line per package and range, as `describeLockfile` writes it. */
  readonly expected: readonly string[]
  /** What the package manager itself lists, where that was kept; else nothing. */
  readonly listed: readonly string[]
}

export const FIXTURES: readonly Fixture[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const files = readdirSync(join(FOLDER, name))
    const fileName = files.find((file) => file !== 'expected.txt' && file !== 'listed.txt') ?? ''
    const textOf = (file: string): string => readFileSync(join(FOLDER, name, file), 'utf8')
    const listed = files.includes('listed.txt') ? linesOf(textOf('listed.txt')) : []
    return { name, fileName, text: textOf(fileName), expected: linesOf(textOf('expected.txt')), listed }
  })

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n')
}

export function fixture(name: string): Fixture {
  const found = FIXTURES.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`There is no fixture ${name}.`)
  return found
}

/** A package on one line: place, name@version, source, flags, and the address where it is no registry's. */
export function describePackage({ line, name, version, source, direct, dev, resolved }: LockedPackage): string {
  const flags = [direct ? 'direct' : '', dev ? 'dev' : '', source === 'registry' ? '' : (resolved ?? '')]
  return [String(line), `${name}@${version}`, source, ...flags].filter((part) => part !== '').join(' ')
}

/** A range on one line: place, name, requirement, and what else is known of it. */
function describeRange({ line, name, range, exact, dev }: PackageRange): string {
  const flags = [exact === undefined ? '' : `exact ${exact}`, dev ? 'dev' : '']
  return [String(line), name, `range ${JSON.stringify(range)}`, ...flags].filter((part) => part !== '').join(' ')
}

/** Everything that a file says, on one line each. */
export function describeLockfile({ packages, ranges }: ParsedLockfile): string[] {
  return [...packages.map(describePackage), ...ranges.map(describeRange)]
}
