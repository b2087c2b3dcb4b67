import { type DependencyNode } from '../../dependency-node.ts'
import { readYarnClassicEntries } from './yarn-classic-entries.ts'

/** Who asks for whom, in the words that are used for it. */
export function readYarnClassicNodes(text: string): DependencyNode[] {
  return readYarnClassicEntries(text, []).map(({ line, descriptors, requirements }) => ({
    line,
    keys: descriptors,
    requires: requirements.map(([name, range]) => `${name}@${range}`),
  }))
}
