import { type DependencyNode } from '../../dependency-node.ts'
import { readYamlDocuments } from '../../syntax/block-yaml.ts'
import { isYamlMap, yamlMap } from '../../syntax/yaml-value.ts'
import { spellingsOf } from './yarn-berry-lockfile-parser.ts'

/** Who asks for whom, in the words that are used for it: older files leave out `npm:` where they ask. */
export function readYarnBerryNodes(text: string): DependencyNode[] {
  return readYamlDocuments(text).flatMap((lockfile) =>
    Array.from(lockfile, ([key, { value, line }]) => ({
      line,
      keys: key.split(', ').flatMap(spellingsOf),
      requires: Array.from(yamlMap(isYamlMap(value) ? value : new Map(), 'dependencies'), ([name, { value: range }]) =>
        typeof range === 'string' ? [`${name}@${range}`, `${name}@npm:${range}`] : [],
      ).flat(),
    })),
  )
}
