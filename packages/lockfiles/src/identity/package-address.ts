import { type LockedPackage, type PackageSource } from '../parsed-lockfile.ts'
import { fetchedPath, withoutQuery } from './fetched-path.ts'

const GIT = /^(?:git\+|git:|git@|ssh:|github:|gitlab:|bitbucket:|gist:)|^https?:[^#]*\.git(?:#|$)/

/** GitHub Packages: https://…/download/@scope/name/1.0.0/<hash> (seen in lockfiles of 2023 to 2026). */
const GITHUB = /\/download\/@[^/]+\/[^/]+\/\d/

/** Whose addresses are paths in the project. */
const OWN: ReadonlySet<PackageSource> = new Set(['file', 'link', 'workspace'])

/** What stands between a package and its files in the address of a registry. */
const FOLDER = '/-/'
const SUFFIX = '.tgz'

/** What the address of an npm registry's tarball says about its content. */
export interface RegistryTarball {
  /** The package's name with its scope. */
  readonly name: string
  /** The version as the file's name has it. */
  readonly version: string
}

/**
 * Reads `…/@scope/name/-/name-1.0.0.tgz`, the shape of every npm registry and mirror; undefined for any other address.
 * The `/-/` alone does not do: GitLab's archives have it too.
 */
export function readRegistryTarball(url: string): RegistryTarball | undefined {
  const path = fetchedPath(url)
  const dash = path.lastIndexOf(FOLDER)
  if (dash === -1 || !path.endsWith(SUFFIX)) return undefined

  const folder = path.slice(0, dash)
  const slash = folder.lastIndexOf('/')
  const base = folder.slice(slash + 1)
  const file = path.slice(path.lastIndexOf('/') + 1, -SUFFIX.length)
  if (base === '' || !file.startsWith(base) || file[base.length] !== '-') return undefined

  const version = file.slice(base.length + 1)
  if (!/^\d/.test(version)) return undefined
  const scope = slash < 1 ? '' : folder.slice(folder.lastIndexOf('/', slash - 1) + 1, slash)
  return { name: scope.startsWith('@') ? `${scope}/${base}` : base, version }
}

/**
 * The tarball that a package comes from, where that is of another package or version; `unknown` where it is a registry's by the address'
 * shape, and its name does not say what of.
 */
export function contradictingTarball({
  name,
  version,
  source,
  resolved,
}: Pick<LockedPackage, 'name' | 'version' | 'source' | 'resolved'>): RegistryTarball | 'unknown' | undefined {
  if (resolved === undefined || (source === 'registry' && isTarballOf(name, version, resolved))) return undefined
  const tarball = readRegistryTarball(resolved)
  if (tarball === undefined) return OWN.has(source) || !isRegistryFile(resolved) ? undefined : 'unknown'
  const isSame = tarball.name === name && withoutBuild(tarball.version) === withoutBuild(version)
  return isSame ? undefined : tarball
}

/** Whether an address ends in `/-/….tgz`, with one folder before the file at most: GitLab's own addresses have more. */
function isRegistryFile(address: string): boolean {
  const path = fetchedPath(address)
  const dash = path.lastIndexOf(FOLDER)
  const file = path.slice(dash + FOLDER.length)
  return dash !== -1 && file.endsWith(SUFFIX) && file.indexOf('/') === file.lastIndexOf('/')
}

/**
 * Whether an address is plainly that of a registry's tarball of this package: the usual case, without reading it to its parts. No package name
 * and no exact version has anything in it that is fetched otherwise than it is written.
 */
export function isTarballOf(name: string, version: string, address: string): boolean {
  const path = withoutQuery(address)
  const base = name.startsWith('@') ? name.slice(name.indexOf('/') + 1) : name
  const dash = path.length - SUFFIX.length - version.length - 1
  const start = dash - base.length
  return (
    path.startsWith('https://') &&
    path.endsWith(SUFFIX) &&
    path.startsWith(version, dash + 1) &&
    path[dash] === '-' &&
    path.startsWith(base, start) &&
    path.startsWith(FOLDER, start - FOLDER.length) &&
    isNamedBefore(name, path, start - FOLDER.length)
  )
}

/** Whether `/name` stands before `dash`, and is all of the package's name. */
function isNamedBefore(name: string, address: string, dash: number): boolean {
  const slash = dash - name.length - 1
  if (address[slash] !== '/' || !address.startsWith(name, slash + 1)) return false
  // `…/@scope/name/-/…` is no tarball of `name`, however the scope is written.
  return name.startsWith('@') || (!address.includes('@') && !address.includes('%'))
}

/** Registries leave out what follows a `+`. */
function withoutBuild(version: string): string {
  const plus = version.indexOf('+')
  return plus === -1 ? version : version.slice(0, plus)
}

/** Where an address points to, for the formats that write npm's kinds of address; undefined when it is none of them. */
export function sourceOfAddress(address: string): PackageSource | undefined {
  if (address.startsWith('file:')) return 'file'
  if (address.startsWith('link:') || address.startsWith('portal:')) return 'link'
  if (address.startsWith('workspace:')) return 'workspace'
  if (GIT.test(address)) return 'git'
  if (!/^https?:/.test(address)) return undefined
  const registry = readRegistryTarball(address) !== undefined || GITHUB.test(fetchedPath(address))
  return registry ? 'registry' : 'url'
}

/** What stands for a version where the file has none: the commit of a git address, else the whole address. */
export function versionOfAddress(address: string): string {
  const hash = address.lastIndexOf('#')
  return hash === -1 ? address : address.slice(hash + 1).replace(/^commit=/, '') || address
}
