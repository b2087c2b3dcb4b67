import { globSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { PACKAGE_TABLE } from './package-table.ts'
import { run } from './run.ts'

/** What a tarball says of itself. */
export interface PublishedManifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

/** A package as the registry hands it out. */
export interface PublishedPackage {
  readonly manifest: PublishedManifest
  readonly files: readonly string[]
  /** Bytes of the tarball. */
  readonly size: number
}

/** Fetches a package from a registry and checks what is in it: only what a user needs, whole, and declared rightly. */
export function checkPublishedPackage(name: string, folder: string, { root, env }: Surroundings): PublishedPackage {
  mkdirSync(folder, { recursive: true })
  const [packed] = JSON.parse(run('npm', ['pack', name, '--json'], { cwd: folder, env })) as { filename: string }[]
  const tarball = join(folder, packed?.filename ?? '')
  run('tar', ['-xzf', tarball], { cwd: folder })
  const content = join(folder, 'package')
  const files = globSync('**', { cwd: content }).filter((file) => statSync(join(content, file)).isFile())
  const manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8')) as PublishedManifest
  checkFiles(name, files)
  checkSourceMaps(content, files)
  checkDependencies(manifest)
  run(join(root, 'node_modules', '.bin', 'publint'), ['run', tarball, '--strict'], { cwd: root })
  run(join(root, 'node_modules', '.bin', 'attw'), [tarball, '--profile', 'esm-only', '--quiet'], { cwd: root })
  return { manifest, files, size: statSync(tarball).size }
}

/** Where the checking tools and the registry are. */
interface Surroundings {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
}

function checkFiles(name: string, files: readonly string[]): void {
  const strangers = files.filter((file) => !/^(dist\/.+|README\.md|LICENSE|package\.json)$/.test(file))
  if (strangers.length > 0) throw new Error(`${name} brings what it should not: ${strangers.join(' ')}`)
  const missing = ['README.md', 'LICENSE'].filter((file) => !files.includes(file))
  if (missing.length > 0) throw new Error(`${name} does not bring ${missing.join(' ')}`)
}

/** The sources are not in the tarball, so each map must carry them. */
function checkSourceMaps(content: string, files: readonly string[]): void {
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const [, map] = /\/\/# sourceMappingURL=(.+)\s*$/.exec(readFileSync(join(content, file), 'utf8')) ?? []
    if (map === undefined) throw new Error(`${file} names no source map.`)
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(content, file, '..', map), 'utf8')) as {
      sources: readonly string[]
      sourcesContent?: readonly (string | null)[]
    }
    const empty = sources.filter((_, index) => typeof sourcesContent?.[index] !== 'string')
    if (empty.length > 0) throw new Error(`The source map of ${file} lacks ${empty.join(' ')}`)
  }
}

function checkDependencies({ name, dependencies = {} }: PublishedManifest): void {
  const allowed = PACKAGE_TABLE[name]
  if (allowed === undefined) throw new Error(`${name} has no row in scripts/release/package-table.ts.`)
  const strangers = Object.keys(dependencies).filter((other) => ![...allowed.ours, ...allowed.others].includes(other))
  if (strangers.length > 0) throw new Error(`${name} depends on ${strangers.join(' ')}, which its row does not name.`)
  const loose = Object.entries(dependencies).filter(([, range]) => !/^\^\d+\.\d+\.\d+$/.test(range))
  if (loose.length > 0) throw new Error(`${name} has ranges that are no caret ranges: ${loose.join(' ')}`)
}
