import { readRegistryTarball } from '../../identity/package-address.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { isExactVersion, isPackageName } from '../../identity/package-name.ts'
import { type PnpmKeyStyle, readPnpmKey } from './pnpm-package-key.ts'
import { type YamlMap, yamlMap, yamlText } from '../../syntax/yaml-value.ts'

/** Reads one entry of `packages`: the package, or why there is none. */
export function readPnpmEntry(key: string, entry: YamlMap, style: PnpmKeyStyle): PackageIdentity | string {
  const stated = readPnpmKey(key, style)
  const ownName = yamlText(entry, 'name')
  const name = ownName ?? stated?.name
  if (!isPackageName(name)) return 'it names no package'

  const keyVersion = isExactVersion(stated?.reference) ? stated.reference : undefined
  const origin = readResolution(yamlMap(entry, 'resolution'), keyVersion !== undefined)
  if (origin === undefined) return 'its resolution is of no known kind'

  // pnpm believes the entry's own fields when it has a name, else the key.
  const ownVersion = yamlText(entry, 'version')
  const [first, second] = ownName === undefined ? [keyVersion, ownVersion] : [ownVersion, keyVersion]
  const version = first ?? second ?? origin.version
  if (origin.source === 'registry' && !isExactVersion(version)) return 'it has no exact version'
  return withTarballIdentity({ ...origin, name, version })
}

/** What is asked for by its address, also where that is a registry's: then the address says what it really is. */
function withTarballIdentity(read: PackageIdentity): PackageIdentity {
  const tarball = read.source === 'url' ? readRegistryTarball(read.resolved ?? '') : undefined
  if (tarball === undefined) return read
  return { ...read, name: tarball.name, version: isExactVersion(read.version) ? read.version : tarball.version }
}

/** Where it comes from, and what stands for the version where the entry has none. */
type Origin = Omit<PackageIdentity, 'name'>

function readResolution(resolution: YamlMap, hasVersionInKey: boolean): Origin | undefined {
  const type = yamlText(resolution, 'type')
  switch (type) {
    case undefined:
      return resolution.size === 0 ? undefined : readTarball(resolution, hasVersionInKey)
    case 'git':
      return readGit(resolution)
    case 'directory':
      return { source: 'file', version: '', ...addressOf(`file:${yamlText(resolution, 'directory') ?? ''}`) }
    // A runtime such as Node itself: one build, or one per platform, each at its address.
    case 'binary':
    case 'variations':
      return { source: 'url', version: '', ...addressOf(yamlText(resolution, 'url')) }
    default:
      return undefined
  }
}

function readTarball(resolution: YamlMap, hasVersionInKey: boolean): Origin | undefined {
  const tarball = yamlText(resolution, 'tarball')
  if (tarball?.startsWith('file:')) return { source: 'file', version: '', ...addressOf(tarball) }
  if (hasVersionInKey) return { source: 'registry', version: '', ...addressOf(tarball) }
  if (tarball === undefined) return undefined
  const source = yamlText(resolution, 'gitHosted') === 'true' ? 'git' : 'url'
  return { source, version: tarball, ...addressOf(tarball) }
}

function readGit(resolution: YamlMap): Origin | undefined {
  const repository = yamlText(resolution, 'repo')
  const commit = yamlText(resolution, 'commit')
  if (repository === undefined || commit === undefined) return undefined
  return { source: 'git', version: commit, ...addressOf(`${repository}#${commit}`) }
}
