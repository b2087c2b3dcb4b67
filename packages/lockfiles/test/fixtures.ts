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
}

export const FIXTURES: readonly Fixture[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const fileName = readdirSync(join(FOLDER, name)).find((file) => file !== 'expected.txt') ?? ''
    const expected = readFileSync(join(FOLDER, name, 'expected.txt'), 'utf8')
      .trimEnd()
      .split('\n')
    return { name, fileName, text: readFileSync(join(FOLDER, name, fileName), 'utf8'), expected }
  })

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
