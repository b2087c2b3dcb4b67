import { type LockedPackage, type PackageSource } from '../parsed-lockfile.ts'

const GIT = /^(?:git\+|git:|git@|ssh:|github:|gitlab:|bitbucket:|gist:)|^https?:[^#]*\.git(?:#|$)/

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
  const path = withoutQuery(url)
  const dash = path.indexOf(FOLDER)
  if (dash === -1 || !path.endsWith(SUFFIX)) return undefined

  const escaped = path.slice(0, dash)
  const folder = escaped.includes('%') ? escaped.replaceAll(/%2f/gi, '/').replaceAll('%40', '@') : escaped
  const slash = folder.lastIndexOf('/')
  const base = folder.slice(slash + 1)
  const file = path.slice(path.lastIndexOf('/') + 1, -SUFFIX.length)
  if (base === '' || !file.startsWith(base) || file[base.length] !== '-') return undefined

  const version = file.slice(base.length + 1)
  if (!/^\d/.test(version)) return undefined
  const scope = slash < 1 ? '' : folder.slice(folder.lastIndexOf('/', slash - 1) + 1, slash)
  return { name: scope.startsWith('@') ? `${scope}/${base}` : base, version }
}

/** An address up to its `?` or `#`. */
function withoutQuery(url: string): string {
  const hash = url.indexOf('#')
  const path = hash === -1 ? url : url.slice(0, hash)
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}

/** The tarball that a package comes from, where that is of another package or version. */
export function contradictingTarball({
  name,
  version,
  resolved,
}: Pick<LockedPackage, 'name' | 'version' | 'resolved'>): RegistryTarball | undefined {
  if (resolved === undefined || isFileOf(name, version, withoutQuery(resolved))) return undefined
  const tarball = readRegistryTarball(resolved)
  const isSame = tarball?.name === name && withoutBuild(tarball.version) === withoutBuild(version)
  return isSame ? undefined : tarball
}

/** Whether an address ends in `/name/-/name-version.tgz`: the usual case, without reading it to its parts. */
function isFileOf(name: string, version: string, resolved: string): boolean {
  const base = name.startsWith('@') ? name.slice(name.indexOf('/') + 1) : name
  const dash = resolved.length - SUFFIX.length - version.length - 1
  const start = dash - base.length
  return (
    resolved.endsWith(SUFFIX) &&
    resolved.startsWith(version, dash + 1) &&
    resolved[dash] === '-' &&
    resolved.startsWith(base, start) &&
    resolved.indexOf(FOLDER) === start - FOLDER.length &&
    isNamedBefore(name, resolved, start - FOLDER.length)
  )
}

/** Whether an address is plainly that of a registry's tarball of this name: the usual case, in a tenth of the time. */
export function isTarballOf(name: string, address: string): boolean {
  const path = withoutQuery(address)
  return path.startsWith('https://') && path.endsWith(SUFFIX) && isNamedBefore(name, path, path.indexOf(FOLDER))
}

/** Whether `/name` stands before `dash`, and is all of the package's name. */
function isNamedBefore(name: string, address: string, dash: number): boolean {
  const slash = dash - name.length - 1
  if (address[slash] !== '/' || !address.startsWith(name, slash + 1)) return false
  // `…/@scope/name/-/…` is no tarball of `name`.
  const folder = address.lastIndexOf('/', slash - 1) + 1
  return name.startsWith('@') || !(address.startsWith('@', folder) || address.startsWith('%40', folder))
}

/** Registries leave out what follows a `+`. */
function withoutBuild(version: string): string {
  return version.replace(/(?:\+|%2B).*$/i, '')
}

/** Where an address points to, for the formats that write npm's kinds of address; undefined when it is none of them. */
export function sourceOfAddress(address: string): PackageSource | undefined {
  if (address.startsWith('file:')) return 'file'
  if (address.startsWith('link:') || address.startsWith('portal:')) return 'link'
  if (address.startsWith('workspace:')) return 'workspace'
  if (GIT.test(address)) return 'git'
  if (!/^https?:/.test(address)) return undefined
  // GitHub Packages: https://…/download/@scope/name/1.0.0/<hash> (seen in lockfiles of 2023 to 2026).
  const registry = readRegistryTarball(address) !== undefined || /\/download\/@[^/]+\/[^/]+\/\d/.test(address)
  return registry ? 'registry' : 'url'
}

/** What stands for a version where the file has none: the commit of a git address, else the whole address. */
export function versionOfAddress(address: string): string {
  const hash = address.lastIndexOf('#')
  return hash === -1 ? address : address.slice(hash + 1).replace(/^commit=/, '') || address
}
