import { type DependencyNode } from '../../dependency-node.ts'
import { LONGEST_PATH } from '../longest-path.ts'
import { installedIn } from './installed-folders.ts'
import { type NpmDependencyEntries } from './npm-dependency-entries.ts'
import { type NpmPackageEntries } from './npm-package-entries.ts'
import { readNpmSections } from './npm-sections.ts'

/** Optional ones too: npm installs them where it can; and since version 7 peers. */
const REQUIREMENTS = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const

/** One folder below a `node_modules`, or of the project. */
interface Folder {
  /** The name that its location gives; undefined for a folder of the project. */
  readonly folderName: string | undefined
  readonly line: number
  readonly name: string | undefined
  readonly version: string | undefined
  /** The names that it asks for. */
  readonly names: readonly string[]
}

/** Folders by location. */
type Folders = Map<string, Folder>

/** Who asks for whom, found as Node would find it: in the entry's own folder first, then upwards. */
export function readNpmNodes(text: string): DependencyNode[] {
  const { packages, dependencies } = readNpmSections(text, { requirementsOf: 'all', problems: [] })
  const folders: Folders = new Map()
  if (typeof packages === 'object') addPackages(packages, folders)
  if (typeof dependencies === 'object') addNested(dependencies, '', folders)

  const findIn = installedIn(folders)
  return Array.from(folders, ([location, { line, name, version, names }]) => {
    const requires = names.map(findIn(location)).filter((found) => found !== undefined)
    return { line, name, version, keys: [location], requires }
  })
}

function addPackages(entries: NpmPackageEntries, folders: Folders): void {
  for (const [location, { line, folderName, name, version, requirements }] of entries) {
    folders.set(location, {
      folderName,
      line,
      name: textOf(name) ?? folderName,
      version: textOf(version),
      names: REQUIREMENTS.flatMap((kind) => requirements.get(kind) ?? []),
    })
  }
}

/** What stands in `packages` too, asks for what either section says. */
function addNested(entries: NpmDependencyEntries, parent: string, folders: Folders): void {
  for (const [name, { line, version, requires = [], dependencies }] of entries) {
    const location = `${parent === '' ? '' : `${parent}/`}node_modules/${name}`
    // BAD: a longer one. Each name in it would make all of it anew, and V8 has one hash for all long keys of a length.
    if (location.length > LONGEST_PATH) continue
    const known = folders.get(location) ?? { folderName: name, line, name, version: textOf(version), names: [] }
    folders.set(location, { ...known, names: [...known.names, ...requires] })
    if (typeof dependencies === 'object') addNested(dependencies, location, folders)
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
