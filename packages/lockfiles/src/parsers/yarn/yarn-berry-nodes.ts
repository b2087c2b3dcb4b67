import { type DependencyNode } from '../../dependency-node.ts'
import { readYamlDocuments } from '../../syntax/block-yaml.ts'
import { readYarnBerryRequirements } from './yarn-berry-requirements.ts'

/** Who asks for whom, in the words that are used for it. */
export function readYarnBerryNodes(text: string): DependencyNode[] {
  return readYamlDocuments(text).flatMap((lockfile) => {
    const { answeredBy, askedBy } = readYarnBerryRequirements(
      lockfile,
      Array.from(lockfile.values(), ({ value }) => value),
    )
    return Array.from(lockfile, ([key, { value, line }]) => {
      return { line, keys: answeredBy(key), requires: askedBy(value) }
    })
  })
}
