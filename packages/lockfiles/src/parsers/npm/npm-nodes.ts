import { type DependencyNode } from '../../dependency-node.ts'
import { isJsonRecord, type JsonRecord } from '../../syntax/json-record.ts'
import { parseJson } from '../../syntax/parse-json.ts'
import { type NestedLines, readNpmDependencyLines } from './npm-dependency-lines.ts'
import { readNpmPackageLines } from './npm-package-lines.ts'
import { nameOfLocation } from './npm-packages-section.ts'

/** Optional ones too: npm installs them where it can; and since version 7 peers. */
const REQUIREMENTS = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const

const FOLDER = 'node_modules/'

/** No real folder lies deeper; without a bound, a hostile file would make quadratic work. */
const MAX_DEPTH = 64

/** One folder below a `node_modules`, or of the project, and the names it asks for. */
interface Folder {
  readonly location: string
  readonly line: number
  readonly name: string | undefined
  readonly version: string | undefined
  readonly names: readonly string[]
}

/** Who asks for whom, found as Node would find it: in the entry's own folder first, then upwards. */
export function readNpmNodes(text: string): DependencyNode[] {
  const lockfile = parseJson(text)
  if (!isJsonRecord(lockfile)) return []
  const { packages, dependencies } = lockfile
  const folders: Folder[] = []
  if (isJsonRecord(packages)) addPackages(text, packages, folders)
  else if (isJsonRecord(dependencies))
    addNested(dependencies, { lines: readNpmDependencyLines(text).top, parent: '', folders })

  const installed = installedIn(folders)
  return folders.map(({ location, line, name, version, names }) => {
    const shelves = upwards(location, installed)
    const requires = names.map((required) => {
      return shelves.find((shelf) => shelf.has(required))?.get(required) ?? locationIn('', required)
    })
    return { line, name, version, keys: [location], requires }
  })
}

function addPackages(text: string, packages: JsonRecord, folders: Folder[]): void {
  const { locations, lines } = readNpmPackageLines(text, packages)
  for (const [index, location] of locations.entries()) {
    const entry = packages[location]
    if (!isJsonRecord(entry)) continue
    const name = textOf(entry['name']) ?? nameOfLocation(location)
    const names = REQUIREMENTS.flatMap((kind) => namesIn(entry[kind]))
    folders.push({ location, line: lines[index] ?? 1, name, version: textOf(entry['version']), names })
  }
}

interface Level {
  readonly lines: NestedLines
  readonly parent: string
  readonly folders: Folder[]
}

function addNested(entries: JsonRecord, { lines, parent, folders }: Level): void {
  for (const [name, { line, nested }] of lines) {
    const entry = entries[name]
    if (!isJsonRecord(entry)) continue
    const location = locationIn(parent, name)
    folders.push({ location, line, name, version: textOf(entry['version']), names: namesIn(entry['requires']) })
    const inner = entry['dependencies']
    if (isJsonRecord(inner)) addNested(inner, { lines: nested ?? new Map(), parent: location, folders })
  }
}

/** What lies in the `node_modules` of a folder: locations by name. */
type Shelf = Map<string, string>

/** By the folder that has the `node_modules`. BAD: one set of whole locations. A long one would be written anew for each name. */
function installedIn(folders: readonly Folder[]): Map<string, Shelf> {
  const installed = new Map<string, Shelf>()
  for (const { location } of folders) {
    const start = location.lastIndexOf(`/${FOLDER}`)
    if (start === -1) continue
    const parent = location.slice(0, start)
    const shelf = installed.get(parent) ?? new Map<string, string>()
    installed.set(parent, shelf.set(location.slice(start + 1 + FOLDER.length), location))
  }
  return installed
}

/** What Node would look through, the nearest first; the project's own comes after all of it. */
function upwards(location: string, installed: ReadonlyMap<string, Shelf>): Shelf[] {
  const shelves: Shelf[] = []
  let base = location
  for (let depth = 0; depth < MAX_DEPTH && base !== ''; depth += 1) {
    const shelf = installed.get(base)
    if (shelf !== undefined) shelves.push(shelf)
    base = base.slice(0, Math.max(0, base.lastIndexOf('/')))
  }
  return shelves
}

function locationIn(folder: string, name: string): string {
  return `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
}

function namesIn(requirements: unknown): string[] {
  return isJsonRecord(requirements) ? Object.keys(requirements) : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
