/**
 * A package URL (github.com/package-url/purl-spec, 2026-11): the ecosystem is its type; what stands before the last slash
 * of a name, or Maven's colon, is its namespace.
 */
export function packageUrl({
  ecosystem,
  name,
  version,
}: {
  readonly ecosystem: string
  readonly name: string
  readonly version: string
}): string {
  const canonical = ecosystem === 'pypi' ? name.toLowerCase().replaceAll('_', '-') : name
  const path = (ecosystem === 'maven' ? canonical.replace(':', '/') : canonical).split('/').map(encode).join('/')
  return `pkg:${ecosystem}/${path}${version === '' ? '' : `@${encode(version)}`}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':')
}
