import { readYamlDocuments } from '../../syntax/block-yaml.ts'
import { LockfileFault } from '../../lockfile-fault.ts'
import { addInstalled } from '../../identity/add-installed.ts'
import { readRegistryTarball, sourceOfAddress, versionOfAddress } from '../../identity/package-address.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { type Descriptor, isExactVersion } from '../../identity/package-name.ts'
import { type LockedPackage, type LockfileProblem, type ParsedLockfile } from '../../parsed-lockfile.ts'
import { percentDecoded } from '../../syntax/percent-decoded.ts'
import { isYamlMap, type YamlMap, yamlMap, yamlText } from '../../syntax/yaml-value.ts'
import { unpatched, withoutParameters } from './yarn-berry-descriptor.ts'
import { readYarnBerryRequirements, wordsIn, type YarnBerryRequirements } from './yarn-berry-requirements.ts'

const NEWEST_VERSION = 10

/** Whether a `yarn.lock` was written by yarn 2 or later. */
export function isYarnBerryLockfile(text: string): boolean {
  return /^(?:__metadata|"__metadata"):/m.test(text)
}

/** Reads the `yarn.lock` of yarn 2 and later. The identity of a package is its `resolution`, never its key. */
export function parseYarnBerryLockfile(text: string): ParsedLockfile {
  const [lockfile, second] = readYamlDocuments(text)
  if (lockfile === undefined || second !== undefined) {
    throw new LockfileFault('MALFORMED', 'The file is not one document.', { line: 1, column: 1 })
  }
  checkVersion(lockfile)

  const packages: LockedPackage[] = []
  const problems: LockfileProblem[] = []
  const workspaces = workspacesOf(lockfile)
  const requirements = readYarnBerryRequirements(lockfile, workspaces)
  const direct = wordsOf(workspaces, requirements)
  for (const [key, { value, line }] of lockfile) {
    if (key === '__metadata') continue
    const read = isYamlMap(value) ? readEntry(value) : 'it has no content'
    if (typeof read === 'string') {
      problems.push({ line, reason: `The entry ${JSON.stringify(key)} is not understood: ${read}.` })
      continue
    }
    const isAskedFor = read.source === 'workspace' || requirements.answeredBy(key).some((words) => direct.has(words))
    addInstalled({ packages, problems }, read, { line, direct: isAskedFor, dev: false })
  }
  return { packages, ranges: [], problems }
}

function checkVersion(lockfile: YamlMap): void {
  const version = yamlText(yamlMap(lockfile, '__metadata'), 'version')
  if (version !== undefined && /^\d{1,3}$/.test(version) && Number(version) <= NEWEST_VERSION) return
  const reason = `The __metadata version ${JSON.stringify(version)} is not one of 1 to ${NEWEST_VERSION}.`
  throw new LockfileFault('UNSUPPORTED_VERSION', reason, { line: lockfile.get('__metadata')?.line ?? 1 })
}

/** The package, or why there is none. */
function readEntry(entry: YamlMap): PackageIdentity | string {
  const resolution = yamlText(entry, 'resolution')
  const locator = resolution === undefined ? undefined : unpatched(resolution)
  if (locator === undefined) return 'its resolution is not understood'
  return locator.reference.startsWith('npm:')
    ? readPublished(locator)
    : readAddressed(locator, yamlText(entry, 'version'))
}

function readPublished({ name, reference }: Descriptor): PackageIdentity | string {
  const version = withoutParameters(reference).slice('npm:'.length)
  if (!isExactVersion(version)) return `${JSON.stringify(version)} is no exact version`
  const archive = /[:&]__archiveUrl=([^&]*)/.exec(reference)?.[1]
  return {
    name,
    version,
    source: 'registry',
    ...addressOf(archive === undefined ? undefined : percentDecoded(archive)),
  }
}

function readAddressed({ name, reference }: Descriptor, version: string | undefined): PackageIdentity | string {
  const resolved = withoutParameters(reference)
  const source = /#(?:[^#]*&)?commit=/.test(resolved) ? 'git' : sourceOfAddress(resolved)
  switch (source) {
    case undefined:
      return `${JSON.stringify(reference)} is of no known kind`
    case 'git':
      return { name, version: version ?? versionOfAddress(resolved), source, resolved }
    case 'registry':
    case 'url':
      return readTarball(name, version, resolved)
    case 'file':
      return { name, version: version ?? '', source, resolved }
    // yarn does not look at the version and writes 0.0.0-use.local.
    case 'link':
    case 'workspace':
      return { name, version: '', source, resolved }
  }
}

/** Asked for by its address, also where that is a registry's: then the address says what it really is. */
function readTarball(name: string, version: string | undefined, resolved: string): PackageIdentity {
  const tarball = readRegistryTarball(resolved)
  return { name: tarball?.name ?? name, version: version ?? tarball?.version ?? resolved, source: 'url', resolved }
}

/** The project's own folders. */
function workspacesOf(lockfile: YamlMap): YamlMap[] {
  return Array.from(lockfile.values(), ({ value }) => value)
    .filter((value) => isYamlMap(value))
    .filter((entry) => /^(?:@[^/]*\/)?[^@]*@workspace:/.test(yamlText(entry, 'resolution') ?? ''))
}

/** The words that they ask for packages by. Peers are not installed for them, unless somebody asks for those in the same words. */
function wordsOf(workspaces: readonly YamlMap[], { askedBy }: YarnBerryRequirements): Set<string> {
  const peers = workspaces.flatMap((workspace) => wordsIn(workspace, 'peerDependencies'))
  return new Set([...workspaces.flatMap(askedBy), ...peers.flatMap(({ words }) => words)])
}
