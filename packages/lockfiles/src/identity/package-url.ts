import { type Ecosystem } from '../ecosystem.ts'

/** A package URL (github.com/package-url/purl-spec, November 2026), as far as it is read. */
export interface PackageUrl {
  /** `npm`, `pypi`, `deb`, …; in small letters. */
  readonly type: string
  /** As the ecosystem writes it. */
  readonly name: string
  /** Undefined where there is none. */
  readonly version: string | undefined
  /** `vcs_url`, `download_url`, … */
  readonly qualifiers: ReadonlyMap<string, string>
}

const TYPES: ReadonlySet<string> = new Set<Ecosystem>([
  ...(['npm', 'pypi', 'golang', 'cargo', 'gem', 'composer', 'maven', 'swift', 'nuget', 'hex', 'pub'] as const),
])

/** Whether a purl type is an ecosystem whose lockfiles are read. */
export function isEcosystem(type: string): type is Ecosystem {
  return TYPES.has(type)
}

/** Reads `pkg:type/namespace/name@version?qualifiers#subpath`; undefined when it is something else. */
export function readPackageUrl(text: string): PackageUrl | undefined {
  const [, type = '', path = '', qualifiers = ''] =
    /^pkg:\/*([a-z][\w.+-]*)\/+([^?#]*)(?:\?([^#]*))?(?:#|$)/i.exec(text.trim()) ?? []
  const { name, version } = readNameAndVersion(path)
  const segments = name
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  if (segments.length === 0 || segments.includes(undefined) || version === undefined) return undefined
  return {
    type: type.toLowerCase(),
    name: segments.join(type.toLowerCase() === 'maven' ? ':' : '/'),
    version: version === '' ? undefined : version,
    qualifiers: new Map(new URLSearchParams(qualifiers)),
  }
}

/** An `@` behind the last slash begins the version, unless it begins the name: scopes of npm may stand unescaped. */
function readNameAndVersion(path: string): { name: string; version: string | undefined } {
  const at = path.lastIndexOf('@')
  if (at <= path.lastIndexOf('/') + 1) return { name: path, version: '' }
  return { name: path.slice(0, at), version: decode(path.slice(at + 1)) }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
