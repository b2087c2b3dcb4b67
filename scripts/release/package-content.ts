import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { PACKAGE_TABLE } from './package-table.ts'

/** What a tarball says of itself. */
export interface PublishedManifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Targets>>
}

/** Where an entry of `exports` leads, by condition, or a file for all. */
export type Targets = string | { readonly [condition: string]: Targets }

/** An unpacked tarball. */
export interface PackageContent {
  readonly folder: string
  readonly manifest: PublishedManifest
  /** Paths from the folder. */
  readonly files: readonly string[]
}

/** Reads what a tarball was unpacked to. */
export function readContent(folder: string): PackageContent {
  const files = globSync('**', { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile())
  return {
    folder,
    files,
    manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PublishedManifest,
  }
}

/**
 * Only what a user needs is there, whole, and declared rightly.
 *
 * @param versions - of our packages, by name, as they are released.
 * @throws an error that names the package and what is wrong.
 */
export function checkContent(content: PackageContent, versions: ReadonlyMap<string, string>): void {
  checkManifest(content.manifest, versions)
  checkFiles(content)
  checkExports(content)
  checkSourceMaps(content)
  checkDependencies(content.manifest, versions)
}

function checkManifest({ name, version, license }: PublishedManifest, versions: ReadonlyMap<string, string>): void {
  const released = versions.get(name)
  if (version !== released)
    throw new Error(`${name} is published as ${version}, but ${released ?? 'no version'} is released.`)
  if (license !== 'MIT') throw new Error(`${name} has the licence ${license}, not MIT.`)
}

function checkFiles({ manifest: { name }, files }: PackageContent): void {
  const strangers = files.filter((file) => !/^(dist\/.+|README\.md|LICENSE|package\.json)$/.test(file))
  if (strangers.length > 0) throw new Error(`${name} brings what it should not: ${strangers.join(' ')}`)
  const missing = ['README.md', 'LICENSE'].filter((file) => !files.includes(file))
  if (missing.length > 0) throw new Error(`${name} does not bring ${missing.join(' ')}`)
}

function checkExports({ manifest: { name, exports }, folder }: PackageContent): void {
  const broken = Object.values(exports)
    .flatMap(filesOf)
    .filter((file) => !existsSync(join(folder, file)))
  if (broken.length > 0) throw new Error(`${name} exports what it does not bring: ${broken.join(' ')}`)
}

function filesOf(targets: Targets): string[] {
  return typeof targets === 'string' ? [targets] : Object.values(targets).flatMap(filesOf)
}

/** The sources are not in the tarball, so each map must carry them. */
function checkSourceMaps({ manifest: { name }, folder, files }: PackageContent): void {
  for (const file of files.filter((path) => path.endsWith('.js'))) {
    const [, map] = /\/\/# sourceMappingURL=(.+)\s*$/.exec(readFileSync(join(folder, file), 'utf8')) ?? []
    if (map === undefined) throw new Error(`${file} of ${name} names no source map.`)
    const path = join(folder, file, '..', map)
    if (!existsSync(path)) throw new Error(`${file} of ${name} names the source map ${map}, which is not there.`)
    const { sources, sourcesContent } = JSON.parse(readFileSync(path, 'utf8')) as {
      sources: readonly string[]
      sourcesContent?: readonly (string | null)[]
    }
    const empty = sources.filter((_, index) => typeof sourcesContent?.[index] !== 'string')
    if (empty.length > 0) throw new Error(`The source map of ${file} of ${name} lacks ${empty.join(' ')}`)
  }
}

function checkDependencies(
  { name, dependencies = {} }: PublishedManifest,
  versions: ReadonlyMap<string, string>,
): void {
  const allowed = PACKAGE_TABLE[name]
  if (allowed === undefined) throw new Error(`${name} has no row in scripts/release/package-table.ts.`)
  const strangers = Object.keys(dependencies).filter((other) => ![...allowed.ours, ...allowed.others].includes(other))
  if (strangers.length > 0) throw new Error(`${name} depends on ${strangers.join(' ')}, which its row does not name.`)
  for (const [other, range] of Object.entries(dependencies)) {
    if (!/^\^\d+\.\d+\.\d+$/.test(range))
      throw new Error(`${name} takes ${other} as ${range}, which is no caret range.`)
    const released = versions.get(other)
    if (released !== undefined && range !== `^${released}`) {
      throw new Error(`${name} takes ${other} as ${range}, but ${released} is released.`)
    }
  }
}
