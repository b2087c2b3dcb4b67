import { LONGEST_PATH } from '../longest-path.ts'

/** No real folder lies deeper; without a bound, a hostile file would make quadratic work. */
const MAX_DEPTH = 64

/** What lies in one `node_modules` folder: locations by name. */
type Shelf = Map<string, string>

/** The folders of a lockfile by location; `folderName` is the name that it gives, undefined for a folder of the project. */
type Folders = Iterable<readonly [location: string, folder: { readonly folderName: string | undefined }]>

interface InstalledOptions {
  /** The names that are ever asked for; absent: any. */
  readonly wanted?: ReadonlySet<string>
  /** What stands in a location between a folder and a name: `/node_modules/`; `/` for Bun. */
  readonly between?: string
}

/** Tells what a folder asks for by name: its location; undefined where nothing is installed for it. */
export type Finder = (name: string) => string | undefined

/**
 * Makes finders that find what Node would: what lies in a folder's own `node_modules` first, then upwards.
 *
 * @param folders - what is installed.
 * @returns Gives the finder for what stands in a folder.
 */
export function installedIn(folders: Folders, options: InstalledOptions = {}): (folder: string) => Finder {
  const shelves = shelvesOf(folders, options)
  return (folder) => {
    const reachable = shelvesAbove(folder, shelves)
    return (name) => reachable.find((shelf) => shelf.has(name))?.get(name)
  }
}

/** By the folder that has the `node_modules`. BAD: one set of whole locations. A long one would be written anew for each name. */
function shelvesOf(folders: Folders, { wanted, between = '/node_modules/' }: InstalledOptions): Map<string, Shelf> {
  const shelves = new Map<string, Shelf>()
  for (const [location, { folderName }] of folders) {
    if (folderName === undefined || wanted?.has(folderName) === false) continue
    // There is no slash before the `node_modules` of the project itself.
    const folder = location.slice(0, Math.max(0, location.length - folderName.length - between.length))
    const shelf = shelves.get(folder)
    if (shelf === undefined) shelves.set(folder, new Map([[folderName, location]]))
    else shelf.set(folderName, location)
  }
  return shelves
}

function shelvesAbove(folder: string, shelves: ReadonlyMap<string, Shelf>): Shelf[] {
  const above: Shelf[] = []
  let base = folder.length > LONGEST_PATH ? '' : folder
  for (let depth = 0; depth < MAX_DEPTH && base !== ''; depth++) {
    const shelf = shelves.get(base)
    if (shelf !== undefined) above.push(shelf)
    base = base.slice(0, Math.max(0, base.lastIndexOf('/')))
  }
  const top = shelves.get('')
  if (top !== undefined) above.push(top)
  return above
}
