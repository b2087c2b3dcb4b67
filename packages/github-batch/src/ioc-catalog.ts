import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

import type { Ecosystem, LockedPackage } from '@x/lockfiles'

import { BUNDLED_INCIDENTS } from './bundled-incidents.ts'
import { IocListError } from './ioc-list-error.ts'
import { parseIocList } from './ioc-list.ts'

/** A package version known to be bad. */
export interface Ioc {
  /** The purl type of its registry. */
  readonly ecosystem: Ecosystem
  /** As its registry writes it. */
  readonly name: string
  /** Exactly this version; `null`: any. */
  readonly version: string | null
  /** The list that names it. */
  readonly source: string
  /** Where to read about it. */
  readonly reference?: string | undefined
}

/** An installed package that a list names. */
export interface IocMatch {
  /** What is installed. */
  readonly package: LockedPackage
  /** The lists that name it, in the order they were loaded, joined by `, `. */
  readonly source: string
  /** Where to read about it, where a list says so. */
  readonly reference?: string | undefined
}

/** Entries by package, then by version; the key `ANY` holds those for every version. */
type Index = Map<string, Map<string, Ioc[]>>

const ANY = '*'
/** What is in a folder beside the project was not published by anybody. */
const PUBLISHED: ReadonlySet<LockedPackage['source']> = new Set(['registry', 'git', 'url'])

/** Lists of compromised packages, as one. The same version in several lists is one match that names them all. */
export class IocCatalog {
  readonly #index: Index = new Map()
  readonly #identities = new Set<string>()
  readonly #ecosystems = new Set<Ecosystem>()

  /** A catalogue of these entries; equal ones count once. */
  constructor(iocs: Iterable<Ioc>) {
    for (const ioc of iocs) this.#add(ioc)
  }

  /** The list that comes with this package: a few well documented incidents, each with its reference. */
  static bundled(): IocCatalog {
    return new IocCatalog(BUNDLED_INCIDENTS)
  }

  /**
   * Reads lists from files: JSON, or lines of `[ecosystem:]name:version`. See `parseIocList`.
   *
   * @throws IocListError naming the file, and the line where there is one, for a file that cannot be read or understood.
   */
  static async load(paths: readonly string[]): Promise<IocCatalog> {
    const lists = await Promise.all(paths.map(async (path) => parseIocList(basename(path), await readList(path))))
    return new IocCatalog(lists.flat())
  }

  /** How many different package versions are listed. */
  get size(): number {
    return this.#identities.size
  }

  /** The ecosystems that the entries are of. */
  get ecosystems(): ReadonlySet<Ecosystem> {
    return this.#ecosystems
  }

  /** Identifies the content, whatever the order it was loaded in: SHA-256 in hex. */
  get hash(): string {
    const identities = [...this.#identities].sort()
    return createHash('sha256').update(identities.join('\n')).digest('hex')
  }

  /** The listed ones among installed packages. Links, workspaces and local files are never matched. */
  match(packages: Iterable<LockedPackage>): IocMatch[] {
    const matches: IocMatch[] = []
    for (const locked of packages) {
      const versions = PUBLISHED.has(locked.source) ? this.#index.get(packageKey(locked)) : undefined
      if (versions === undefined) continue
      const iocs = [...(versions.get(ANY) ?? []), ...(versions.get(locked.version) ?? [])]
      if (iocs.length === 0) continue
      matches.push({
        package: locked,
        source: [...new Set(iocs.map(({ source }) => source))].join(', '),
        reference: iocs.find(({ reference }) => reference !== undefined)?.reference,
      })
    }
    return matches
  }

  #add(ioc: Ioc): void {
    const key = packageKey(ioc)
    const version = ioc.version ?? ANY
    const versions = this.#index.get(key) ?? new Map<string, Ioc[]>()
    const known = versions.get(version) ?? []
    if (!known.some(({ source }) => source === ioc.source)) known.push(ioc)
    versions.set(version, known)
    this.#index.set(key, versions)
    this.#identities.add(`${key}@${version}`)
    this.#ecosystems.add(ioc.ecosystem)
  }
}

function packageKey({ ecosystem, name }: { ecosystem: Ecosystem; name: string }): string {
  return `${ecosystem}/${ecosystem === 'pypi' ? normalizePythonName(name) : name}`
}

/** "Names and normalization", packaging.python.org, 2026-11. */
function normalizePythonName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

async function readList(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code)
    throw new IocListError(`Cannot read the IOC list ${path}: ${why}.`, { path, cause })
  }
}
