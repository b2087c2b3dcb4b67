import { addInstalled } from '../../identity/add-installed.ts'
import { isTarballOf, readRegistryTarball, sourceOfAddress } from '../../identity/package-address.ts'
import { type PackageIdentity } from '../../identity/package-identity.ts'
import { isExactVersion, readAlias, splitDescriptor } from '../../identity/package-name.ts'
import { type LockedPackage, type LockfileProblem, type ParsedLockfile } from '../../parsed-lockfile.ts'
import { readYarnClassicEntries, type YarnClassicEntry } from './yarn-classic-entries.ts'

/**
 * Reads the `yarn.lock` of yarn 1. The identity of a package is that of its key, or of the alias in it; where it is asked for by a
 * tarball's address, that tarball's. The file does not say what the project asks for: `direct` is what no other entry asks for in the same words.
 */
export function parseYarnClassicLockfile(text: string): ParsedLockfile {
  const packages: LockedPackage[] = []
  const problems: LockfileProblem[] = []
  const entries = readYarnClassicEntries(text, problems)
  const required = new Set(entries.flatMap((entry) => entry.requirements.map(([name, range]) => `${name}@${range}`)))

  for (const entry of entries) {
    const { line, descriptors } = entry
    const read = readEntry(entry)
    const direct = descriptors.some((descriptor) => !required.has(descriptor))
    if (typeof read === 'string') {
      problems.push({ line, reason: `The entry ${JSON.stringify(descriptors.join(', '))} is not understood: ${read}.` })
      continue
    }
    addInstalled({ packages, problems }, read, { line, direct, dev: false })
  }
  return { packages, ranges: [], problems: problems.sort((a, b) => a.line - b.line) }
}

/** The package, or why there is none. */
function readEntry({ descriptors, properties }: YarnClassicEntry): PackageIdentity | string {
  const read = readDescriptors(descriptors)
  const version = properties.get('version')
  if (typeof read === 'string') return read
  if (version === undefined || version === '') return 'it has no version'

  const resolved = properties.get('resolved')
  const fetched = readFetched(read.names, version, resolved)
  const source = sourceOf(read.range, fetched.source)
  const realName = realNameOf(read, fetched.name)
  if (realName === undefined) return 'its descriptors name different packages'
  if (source === 'registry' && !isExactVersion(version)) return `${JSON.stringify(version)} is no exact version`
  // BAD: spread, see addInstalled().
  if (resolved === undefined || resolved === '') return { name: realName, version, source }
  return { name: realName, version, source, resolved }
}

/** What the address says: where it points to, and the name in it if it is a registry's. */
interface Fetched {
  readonly source: LockedPackage['source'] | undefined
  readonly name: string | undefined
}

function readFetched([name = '']: Iterable<string>, version: string, resolved: string | undefined): Fetched {
  if (resolved === undefined) return { source: undefined, name: undefined }
  if (isExactVersion(version) && isTarballOf(name, version, resolved)) return { source: 'registry', name }
  return { source: sourceOfAddress(resolved), name: readRegistryTarball(resolved)?.name }
}

function realNameOf({ names, range }: { names: Set<string>; range: string }, tarball?: string): string | undefined {
  const [name, another] = names
  // Asked for by its address, it is what the address says.
  const isSaid = tarball !== undefined && (names.has(tarball) || sourceOfAddress(range) !== undefined)
  return isSaid || another !== undefined ? tarball : name
}

/** The different packages that the descriptors name, aliases resolved, and the first one's range. */
function readDescriptors(descriptors: readonly string[]): { names: Set<string>; range: string } | string {
  const names = new Set<string>()
  const ranges: string[] = []
  for (const text of descriptors) {
    // yarn writes `name@` for an empty range.
    const descriptor = splitDescriptor(text.endsWith('@') ? `${text}*` : text)
    if (descriptor === undefined) return `${JSON.stringify(text)} is no name and range`
    names.add(aliasedName(descriptor.reference) ?? descriptor.name)
    ranges.push(descriptor.reference)
  }
  return { names, range: ranges[0] ?? '' }
}

/** The name in `npm:real@^1.0.0` or `npm:real`; undefined for `npm:^1.0.0` and for everything else. */
function aliasedName(reference: string): string | undefined {
  const isRange = /^npm:(?:[\^~<>=*]|v?\d+(?:\.|$))/.test(reference)
  return isRange ? undefined : (readAlias(reference) ?? readAlias(`${reference}@*`))?.name
}

function sourceOf(range: string, fetched: LockedPackage['source'] | undefined): LockedPackage['source'] {
  const asked = sourceOfAddress(range)
  // What is fetched from elsewhere is what is installed, whatever one of its descriptors says.
  if (asked === 'file' || asked === 'link')
    return fetched === 'registry' || fetched === 'url' || fetched === 'git' ? fetched : asked
  if (asked === 'registry' || asked === 'url') return fetched === 'git' ? 'git' : 'url'
  // Without an address, or with a file's name alone, it comes from the registry or an offline mirror of it.
  return fetched ?? asked ?? 'registry'
}
