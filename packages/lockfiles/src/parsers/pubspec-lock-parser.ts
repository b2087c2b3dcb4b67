import { readYamlDocuments } from '../syntax/block-yaml.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { isYamlMap, type YamlMap, yamlMap, yamlText } from '../syntax/yaml-value.ts'

/** Reads `pubspec.lock` of Dart and Flutter. What an SDK brings is a `link`. */
export function parsePubspecLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const [lockfile = new Map() as YamlMap, ...others] = readYamlDocuments(text)
  if (!lockfile.has('packages') || others.length > 0) {
    reading.problems.push({ line: 1, reason: 'There is no section "packages", or a second document.' })
  }
  reading.expect('object', lockfile, 'packages')
  for (const [key, { value, line }] of yamlMap(lockfile, 'packages')) {
    const read = isYamlMap(value) ? readEntry(key, value) : undefined
    const dependency = isYamlMap(value) ? (yamlText(value, 'dependency') ?? '') : ''
    if (read === undefined) reading.misunderstood(line, key, 'its source is of no known kind, or it has no version')
    else {
      const direct = dependency.startsWith('direct')
      reading.packages.push({ ...read, ecosystem: 'pub', line, direct, dev: dependency === 'direct dev' })
    }
  }
  return reading.result()
}

function readEntry(key: string, entry: YamlMap): PackageIdentity | undefined {
  const version = yamlText(entry, 'version')
  const description = yamlMap(entry, 'description')
  const name = yamlText(description, 'name') ?? key
  const url = yamlText(description, 'url')
  switch (yamlText(entry, 'source')) {
    case 'hosted':
      return version === undefined || version === ''
        ? undefined
        : { name, version, source: 'registry', ...addressOf(url) }
    case 'git':
      return { name, version: version ?? yamlText(description, 'resolved-ref') ?? '', source: 'git', ...addressOf(url) }
    case 'path':
      return { name, version: version ?? '', source: 'file', ...addressOf(yamlText(description, 'path')) }
    case 'sdk':
      return { name, version: version ?? '', source: 'link' }
    default:
      return undefined
  }
}
