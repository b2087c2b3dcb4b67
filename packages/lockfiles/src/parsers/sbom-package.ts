import { type LockfileReading } from '../lockfile-reading.ts'
import { isVersion } from '../versions/package-versions.ts'
import { isEcosystem, readPackageUrl } from '../identity/package-url.ts'

/** What an SBOM says about one package. */
export interface SbomPackage {
  /** Its package URL. */
  readonly purl: string
  /** The version that stands beside it, for a package URL that has none. */
  readonly version: string | undefined
  /** The line of its name. */
  readonly line: number
  /** Whether the project asks for it. */
  readonly direct: boolean
  /** Whether it serves development only. */
  readonly dev: boolean
}

/** To some ecosystems `= 1.0` is a version too, and to Maven any text is one. */
const REQUIREMENT = /^[\s=<>[(]/

/**
 * Notes a package of an SBOM. Those of other ecosystems (`deb`, `apk`, `generic`, …) are left out. What a manifest asks for, as
 * GitHub exports it where there is no lockfile, is a range.
 */
export function addSbomPackage(
  reading: LockfileReading,
  { purl, version: stated, line, direct, dev }: SbomPackage,
): void {
  const read = readPackageUrl(purl)
  if (read === undefined) {
    reading.misunderstood(line, purl.slice(0, 200), 'it is no package URL')
    return
  }
  const { type, name, version = stated, qualifiers } = read
  if (!isEcosystem(type)) return
  if (version === undefined || version === '') {
    reading.misunderstood(line, purl.slice(0, 200), 'it has no version')
    return
  }
  const address = qualifiers.get('vcs_url') ?? qualifiers.get('download_url')
  const source = qualifiers.has('vcs_url') ? 'git' : 'registry'
  if (source === 'registry' && (REQUIREMENT.test(version) || !isVersion(type, version))) {
    reading.require({ name, range: version, ecosystem: type, line, dev })
    return
  }
  const locked = { name, version, ecosystem: type, line, direct, dev, source } as const
  reading.packages.push(address === undefined ? locked : { ...locked, resolved: address })
}
