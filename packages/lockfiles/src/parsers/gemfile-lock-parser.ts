import { type DependencyNode } from '../dependency-node.ts'
import { type PackageSource, type ParsedLockfile } from '../parsed-lockfile.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf } from '../identity/package-identity.ts'

const SOURCES: ReadonlyMap<string, PackageSource> = new Map([
  ['GEM', 'registry'],
  ['GIT', 'git'],
  ['PATH', 'file'],
  ['PLUGIN SOURCE', 'registry'],
])
const OTHER_SECTIONS = new Set(['PLATFORMS', 'DEPENDENCIES', 'RUBY VERSION', 'BUNDLED WITH', 'CHECKSUMS'])
const SPEC = /^ {4}([^\s()]+) \(([^\s()]+)\)!?$/

/**
 * Reads `Gemfile.lock` of Bundler 1 to 4: four spaces before a gem, six before what it asks for. The platform behind a version is cut off.
 */
export function parseGemfileLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lines = text.split('\n').map((line) => line.trimEnd())
  const direct = findDirect(lines)
  let section = ''
  let remote: string | undefined
  for (const [index, line] of lines.entries()) {
    if (/^\S/.test(line)) {
      section = line
      remote = undefined
      if (!SOURCES.has(section) && !OTHER_SECTIONS.has(section)) {
        const name = JSON.stringify(section.slice(0, 200))
        reading.problems.push({ line: index + 1, reason: `The section ${name} is not known.` })
      }
    } else if (SOURCES.has(section) && line !== '') {
      remote = /^ {2}remote: (.*)$/.exec(line)?.[1] ?? remote
      readSourceLine(line, { reading, line: index + 1, direct, source: SOURCES.get(section) ?? 'registry', remote })
    }
  }
  return reading.result()
}

/** Who asks for whom: below each gem stands what it asks for. */
export function readGemfileNodes(text: string): DependencyNode[] {
  const nodes: (DependencyNode & { readonly requires: string[] })[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const [, name] = SPEC.exec(content.trimEnd()) ?? []
    const [, required] = /^ {6}([^\s()!]+)/.exec(content) ?? []
    if (name !== undefined) nodes.push({ line: index + 1, keys: [name], requires: [] })
    else if (required !== undefined) nodes.at(-1)?.requires.push(required)
  }
  return nodes
}

interface Context {
  readonly reading: LockfileReading
  readonly line: number
  readonly direct: ReadonlySet<string>
  readonly source: PackageSource
  readonly remote: string | undefined
}

function readSourceLine(text: string, { reading, line, direct, source, remote }: Context): void {
  // A property of the source, or what a gem asks for.
  if (/^(?: {2}\w+:| {6}\S)/.test(text)) return
  const [, name, version] = SPEC.exec(text) ?? []
  if (name === undefined || version === undefined) {
    reading.misunderstood(line, text.trim(), 'it is no gem and version')
    return
  }
  // No version has a hyphen in it: what follows one is the platform.
  const locked = { name, version: version.replace(/-.*$/, ''), ecosystem: 'gem', line } as const
  reading.packages.push({ ...locked, direct: direct.has(name), dev: false, source, ...addressOf(remote) })
}

/** The names below `DEPENDENCIES`. */
function findDirect(lines: readonly string[]): Set<string> {
  const start = lines.indexOf('DEPENDENCIES')
  const direct = new Set<string>()
  if (start === -1) return direct
  for (const line of lines.slice(start + 1)) {
    const [, name] = /^ {2}([^\s()!]+)/.exec(line) ?? []
    if (name === undefined) break
    direct.add(name)
  }
  return direct
}
