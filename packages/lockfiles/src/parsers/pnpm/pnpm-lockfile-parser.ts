import { readYamlDocuments } from '../../syntax/block-yaml.ts'
import { LockfileFault } from '../../lockfile-fault.ts'
import { type ParsedLockfile } from '../../parsed-lockfile.ts'
import { readPnpmDocument } from './pnpm-document.ts'
import { type PnpmKeyStyle } from './pnpm-package-key.ts'
import { type YamlMap, yamlText } from '../../syntax/yaml-value.ts'

const KEY_STYLES: readonly (readonly [version: RegExp, style: PnpmKeyStyle])[] = [
  [/^5\.[1-4](?:-inlineSpecifiers)?$/, '/name/1.0.0'],
  [/^6\.[01]$/, '/name@1.0.0'],
  [/^9\.0$/, 'name@1.0.0'],
]

/**
 * Reads `pnpm-lock.yaml` versions 5, 6 and 9, with all of its documents: pnpm 11 and later write one for the
 * configuration's own dependencies before the project's.
 */
export function parsePnpmLockfile(text: string): ParsedLockfile {
  const documents = readYamlDocuments(text)
  if (documents.length === 0) return { packages: [], ranges: [], problems: [{ line: 1, reason: 'The file is empty.' }] }
  const read = documents.map((document) => readPnpmDocument(document, keyStyleOf(document)))
  return {
    packages: read.flatMap(({ packages }) => packages),
    ranges: [],
    problems: read.flatMap(({ problems }) => problems),
  }
}

/** How a document writes keys. */
export function keyStyleOf(document: YamlMap): PnpmKeyStyle {
  const version = yamlText(document, 'lockfileVersion')
  const style = version === undefined ? undefined : KEY_STYLES.find(([pattern]) => pattern.test(version))
  if (style !== undefined) return style[1]
  const line = document.get('lockfileVersion')?.line
  const reason =
    version === undefined ? 'There is no lockfileVersion.' : `The lockfileVersion ${version} is not 5, 6 or 9.`
  throw new LockfileFault('UNSUPPORTED_VERSION', reason, line === undefined ? {} : { line })
}
