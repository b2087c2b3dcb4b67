import { type PackageIdentity } from '../identity/package-identity.ts'

/** Where a Python package comes from that has an address; `version` stands for an absent one. */
export function pythonSource(name: string, address: string, version?: string): PackageIdentity {
  const isGit = /^(?:git\+|git:|git@|ssh:)|\.git(?:[@#]|$)/.test(address)
  const isRemote = /^(?:https?|ftp|(?:hg|svn|bzr)\+\w+):/.test(address)
  if (isGit) return { name, version: version ?? commitOf(address), source: 'git', resolved: address }
  if (isRemote) return { name, version: version ?? versionInFile(address) ?? address, source: 'url', resolved: address }
  return { name, version: version ?? '', source: 'file', resolved: address }
}

/** `git+https://host/repository.git@commit#egg=name`. */
function commitOf(address: string): string {
  return /@([^@/#]+)(?:#|$)/.exec(address.replace(/^\S*?:\/\/[^/]*/, ''))?.[1] ?? address
}

/** `…/name-1.0-py3-none-any.whl`, `…/name-1.0.tar.gz`. */
function versionInFile(address: string): string | undefined {
  const file = address.replace(/[?#].*$/s, '')
  const wheel = /\/[^/-]+-(\d[^/-]*)-[^/]*\.whl$/.exec(file)
  return (wheel ?? /\/[^/]+-(\d[^/-]*)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(file))?.[1]
}
