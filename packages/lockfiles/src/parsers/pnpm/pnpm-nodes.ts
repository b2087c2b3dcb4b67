import { type DependencyNode } from '../../dependency-node.ts'
import { readYamlDocuments } from '../../syntax/block-yaml.ts'
import { isYamlMap, type YamlMap, yamlMap } from '../../syntax/yaml-value.ts'
import { keyStyleOf } from './pnpm-lockfile-parser.ts'
import { pnpmKeyOf, type PnpmKeyStyle, withoutPeers } from './pnpm-package-key.ts'
import { readPnpmRequirements } from './pnpm-requirements.ts'

/** Who asks for whom: a node for each set of peers that a package is installed with. */
export function readPnpmNodes(text: string): DependencyNode[] {
  return readYamlDocuments(text).flatMap((document, index) => {
    // Each document has keys of its own.
    const inDocument = (key: string): string => `${index} ${key}`
    return documentNodes(document, keyStyleOf(document)).map((node) => ({
      ...node,
      keys: node.keys.map(inDocument),
      requires: node.requires.map(inDocument),
    }))
  })
}

function documentNodes(document: YamlMap, style: PnpmKeyStyle): DependencyNode[] {
  const packages = yamlMap(document, 'packages')
  const asked = new Set(
    readPnpmRequirements(document, []).map(({ name, reference }) => pnpmKeyOf(name, reference, style)),
  )
  // Version 9 has the packages apart from what they ask for.
  const entries = style === 'name@1.0.0' ? yamlMap(document, 'snapshots') : packages
  return Array.from(entries, ([key, { value, line }]) => ({
    line: packages.get(key)?.line ?? packages.get(withoutPeers(key))?.line ?? line,
    keys: [key],
    requires: isYamlMap(value) ? requiredKeys(value, style) : [],
    direct: asked.has(key),
  }))
}

function requiredKeys(entry: YamlMap, style: PnpmKeyStyle): string[] {
  return ['dependencies', 'optionalDependencies'].flatMap((section) =>
    Array.from(yamlMap(entry, section), ([name, { value }]) =>
      typeof value === 'string' ? (pnpmKeyOf(name, value, style) ?? '') : '',
    ),
  )
}
