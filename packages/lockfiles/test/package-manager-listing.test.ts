import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { type LockedPackage, parseLockfile } from '../src/index.ts'
import { fixture } from './fixtures.ts'

interface Listed {
  readonly name?: string
  readonly from?: string
  readonly version?: string
  readonly [section: string]: unknown
}

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'unsavedDependencies']

/** Every package of a listing, by its published name. */
function collect(node: Listed, found = new Map<string, Set<string>>()): Map<string, Set<string>> {
  for (const section of SECTIONS) {
    for (const listed of Object.values((node[section] ?? {}) as Record<string, Listed>)) {
      const name = listed.from ?? listed.name ?? ''
      if (listed.version !== undefined) found.set(name, (found.get(name) ?? new Set()).add(listed.version))
      collect(listed, found)
    }
  }
  return found
}

/** The manifests that the fixtures were made of, as npm's lockfile repeats them. */
function writeProject(folder: string): void {
  const { packages } = JSON.parse(fixture('npm-v3').text) as { packages: Record<string, { name?: string }> }
  for (const [location, manifest] of Object.entries(packages)) {
    if (location.includes('node_modules')) continue
    mkdirSync(join(folder, location), { recursive: true })
    const name = location.startsWith('packages/') ? location.replace('packages', '@fixture') : location
    writeFileSync(join(folder, location, 'package.json'), JSON.stringify({ name, ...manifest }))
  }
}

/** What the package manager itself says is installed by a lockfile; undefined where it is not on this machine. */
function listingOf(
  name: string,
  [program, ...args]: readonly [string, ...string[]],
): Map<string, Set<string>> | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'x-listing-'))
  try {
    writeProject(folder)
    const { fileName, text } = fixture(name)
    writeFileSync(join(folder, fileName), text)
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n')
    const { stdout, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    if (error !== undefined) return undefined
    const read = JSON.parse(stdout) as Listed | Listed[]
    return collect({ dependencies: Object.fromEntries([read].flat().map((project, index) => [index, project])) })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The projects themselves; npm calls the folders of version 1 by their last part. */
const IS_OWN = /^(?:fixture|[ab]|@fixture\/.*)$/

const NPM = ['npm', 'ls', '--all', '--json', '--long', '--package-lock-only'] as const
const PNPM = ['pnpm', 'list', '-r', '--depth', 'Infinity', '--json', '--lockfile-only'] as const

describe.each([
  ['npm-v1', NPM],
  ['npm-v2', NPM],
  ['npm-v3', NPM],
  ['pnpm-v9', PNPM],
  ['pnpm-v9-12', PNPM],
] as const)('the packages of %s', (name, command) => {
  it(`are those that ${command[0]} lists`, ({ skip }) => {
    const listed = listingOf(name, command)
    if (listed === undefined) {
      process.stderr.write(`${command[0]} is not on this machine: its listing is not compared.\n`)
      skip()
      return
    }
    const { fileName, text } = fixture(name)
    const { packages } = parseLockfile(fileName, text)
    const isPublished = ({ source }: LockedPackage): boolean => source === 'registry' || source === 'url'
    // What comes from a folder or a repository is listed with a version that the lockfile need not have.
    const other = new Set(packages.filter((locked) => !isPublished(locked)).map((locked) => locked.name))
    const expected = [...listed].flatMap(([found, versions]) =>
      other.has(found) || IS_OWN.test(found) ? [] : [...versions].map((version) => `${found}@${version}`),
    )
    const ours = packages.filter(isPublished).map((locked) => `${locked.name}@${locked.version}`)
    expect(ours.length).toBeGreaterThan(15)
    expect([...new Set(ours)].sort()).toEqual(expected.sort())
  })
})

/** `yarn list` calls aliases by their own names. */
const ALIASES = new Map([
  ['@scope/aliased', '@types/ms'],
  ['lodash4', 'lodash'],
])

function publishedOf(name: string): string[] {
  const { fileName, text } = fixture(name)
  const published = parseLockfile(fileName, text).packages.filter(({ source }) => source === 'registry')
  return [...new Set(published.map((locked) => `${locked.name}@${locked.version}`))].sort()
}

it('the packages of yarn-classic are those that yarn list names', () => {
  const other = ['@fixture/a', '@fixture/b', 'is-number', 'local-dir', 'local-tgz', 'tiny-git']
  const listed = fixture('yarn-classic').listed.flatMap((line) => {
    const at = line.lastIndexOf('@')
    const name = line.slice(0, at)
    return other.includes(name) ? [] : [`${ALIASES.get(name) ?? name}${line.slice(at)}`]
  })
  expect(publishedOf('yarn-classic')).toEqual(listed.sort())
})

it('the packages of yarn-berry are those that yarn info names', () => {
  const listed = fixture('yarn-berry').listed.flatMap((line) => {
    const [, name, version] = /^(@?[^@]+)@(?:npm:|patch:.*@npm%3A)([\w.-]+)/.exec(line) ?? []
    return name === undefined ? [] : [`${name}@${version}`]
  })
  expect(publishedOf('yarn-berry')).toEqual([...new Set(listed)].sort())
})
