import { createHash } from 'node:crypto'

import {
  type Ecosystem,
  isWithin,
  type LockedPackage,
  normalizeName,
  normalizeVersion,
  overlaps,
  type PackageRange,
  satisfies,
  type VersionInterval,
} from '@x/lockfiles'

import { BUNDLED_INCIDENTS } from './bundled-incidents.ts'
import { type Ioc } from './ioc.ts'
import { type IocSource, readIocSources } from './ioc-source.ts'
import { NameFilter } from './name-filter.ts'

/** An installed package that a list names. */
export interface IocMatch {
  /** What is installed. */
  readonly package: LockedPackage
  /** The lists that name it, in the order they were loaded, joined by `, `. */
  readonly source: string
  /** Where to read about it, where a list says so. */
  readonly reference?: string | undefined
}

/** A requirement that admits a listed version. Where `range.exact` is set, that version is what it gets: a finding, no warning. */
export interface IocRangeMatch {
  /** What a manifest asks for. */
  readonly range: PackageRange
  /** The listed version; `*` for any, and an interval of a list as comparators, such as `>=1.0.0 <1.2.3`. */
  readonly version: string
  /** The lists that name it, in the order they were loaded, joined by `, `. */
  readonly source: string
  /** Where to read about it, where a list says so. */
  readonly reference?: string | undefined
}

/** What lists say about one package. */
interface ListedPackage {
  /** Entries for every version. */
  readonly any: Ioc[]
  /** Entries by their version's one spelling. */
  readonly byVersion: Map<string, Ioc[]>
  /** Entries by their interval, written out. */
  readonly byInterval: Map<string, Ioc[]>
}

/** The listed packages of an ecosystem. */
interface ListedNames {
  /** By their one spelling. */
  readonly byName: Map<string, ListedPackage>
  /** Of those spellings. */
  readonly filter: NameFilter
}

/** What is in a folder beside the project was not published by anybody. */
const PUBLISHED: ReadonlySet<LockedPackage['source']> = new Set(['registry', 'git', 'url'])

/** Lists of compromised packages, as one: whatever one of them names is listed, and "any version" of one wins. */
export class IocCatalog {
  readonly #listed = new Map<Ecosystem, ListedNames>()

  /** A catalogue of these entries; equal ones count once. */
  constructor(iocs: Iterable<Ioc>) {
    for (const ioc of iocs) this.#add(ioc)
  }

  /** The list that comes with this package: a few well documented incidents, each with its reference. */
  static bundled(): IocCatalog {
    return new IocCatalog(BUNDLED_INCIDENTS)
  }

  /**
   * Reads lists: files, folders of them, and streams. The formats are those of `parseIocList`.
   *
   * @throws IocListError naming the list, and the line where there is one, for one that cannot be read or understood.
   */
  static async load(sources: readonly IocSource[]): Promise<IocCatalog> {
    return new IocCatalog(await readIocSources(sources))
  }

  /** How many different package versions, intervals of them, and whole packages are listed. */
  get size(): number {
    let size = 0
    for (const listed of this.#packages()) size += identitiesOf(listed).length
    return size
  }

  /** The ecosystems that the entries are of. */
  get ecosystems(): ReadonlySet<Ecosystem> {
    return new Set(this.#listed.keys())
  }

  /** Identifies the content, whatever the order it was loaded in, the lists' names and references: SHA-256 in hex. */
  get hash(): string {
    const identities: string[] = []
    for (const [ecosystem, { byName }] of this.#listed) {
      for (const [name, listed] of byName) {
        for (const identity of identitiesOf(listed)) identities.push(JSON.stringify([ecosystem, name, identity]))
      }
    }
    return createHash('sha256').update(identities.sort().join('\n')).digest('hex')
  }

  /** The listed ones among installed packages. Links, workspaces and local files are never matched. */
  match(packages: Iterable<LockedPackage>): IocMatch[] {
    const matches: IocMatch[] = []
    let ecosystem: Ecosystem | undefined
    let names: ListedNames | undefined
    for (const locked of packages) {
      if (locked.ecosystem !== ecosystem) {
        ecosystem = locked.ecosystem
        names = this.#listed.get(ecosystem)
      }
      if (names === undefined) continue
      const name = normalizeName(ecosystem, locked.name)
      const listed = names.filter.mayHave(name) ? names.byName.get(name) : undefined
      if (listed === undefined || !PUBLISHED.has(locked.source)) continue
      const iocs = iocsOf(listed, locked)
      if (iocs.length > 0) matches.push({ package: locked, ...described(iocs) })
    }
    return matches
  }

  /**
   * The requirements that admit a listed version, one match for each such version. What is not understood may admit
   * anything.
   */
  matchRanges(ranges: Iterable<PackageRange>): IocRangeMatch[] {
    const matches: IocRangeMatch[] = []
    for (const range of ranges) {
      const listed = this.#find(range)
      if (listed === undefined) continue
      for (const [version, iocs] of admitted(listed, range)) matches.push({ range, version, ...described(iocs) })
    }
    return matches
  }

  *#packages(): Iterable<ListedPackage> {
    for (const { byName } of this.#listed.values()) yield* byName.values()
  }

  #find({ ecosystem, name }: { ecosystem: Ecosystem; name: string }): ListedPackage | undefined {
    return this.#listed.get(ecosystem)?.byName.get(normalizeName(ecosystem, name))
  }

  #add(ioc: Ioc): void {
    const { ecosystem, version, interval } = ioc
    const { byName, filter } = getOrMake(this.#listed, ecosystem, () => {
      return { byName: new Map<string, ListedPackage>(), filter: new NameFilter() }
    })
    const name = normalizeName(ecosystem, ioc.name)
    filter.add(name)
    const listed = getOrMake(byName, name, () => {
      return { any: [], byVersion: new Map(), byInterval: new Map() }
    })
    let entries = listed.any
    if (version !== null) entries = getOrMake(listed.byVersion, normalizeVersion(ecosystem, version), () => [])
    else if (interval !== undefined) entries = getOrMake(listed.byInterval, describeInterval(interval), () => [])
    if (!entries.some(({ source }) => source === ioc.source)) entries.push(ioc)
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function identitiesOf({ any, byVersion, byInterval }: ListedPackage): string[] {
  return any.length > 0 ? ['*'] : [...byVersion.keys(), ...byInterval.keys()]
}

/** The entries that name a version. What is no version, such as a commit, lies in no interval. */
function iocsOf(
  { any, byVersion, byInterval }: ListedPackage,
  { ecosystem, version }: { ecosystem: Ecosystem; version: string },
): readonly Ioc[] {
  const exact = byVersion.size === 0 ? undefined : byVersion.get(normalizeVersion(ecosystem, version))
  // BAD: joining the lists each time. Nearly every version of a listed package is a good one.
  if (any.length === 0 && byInterval.size === 0) return exact ?? NONE
  const within = [...byInterval.values()].flat()
  return [
    ...any,
    ...(exact ?? NONE),
    ...within.filter(({ interval }) => isWithin(ecosystem, version, interval ?? {}) === true),
  ]
}

const NONE: readonly Ioc[] = []

/** The listed versions that a requirement admits, as people write them. */
function* admitted(
  listed: ListedPackage,
  { ecosystem, range, exact }: PackageRange,
): Iterable<[string, readonly Ioc[]]> {
  if (exact !== undefined) {
    const iocs = iocsOf(listed, { ecosystem, version: exact })
    if (iocs.length > 0) yield [exact, iocs]
    return
  }
  if (listed.any.length > 0) yield ['*', listed.any]
  for (const iocs of listed.byVersion.values()) {
    const version = iocs[0]?.version ?? ''
    if (satisfies(ecosystem, version, range) !== false) yield [version, iocs]
  }
  for (const [text, iocs] of listed.byInterval) {
    if (overlaps(ecosystem, range, iocs[0]?.interval ?? {}) !== false) yield [text, iocs]
  }
}

function described(iocs: readonly Ioc[]): { source: string; reference: string | undefined } {
  return {
    source: [...new Set(iocs.map(({ source }) => source))].join(', '),
    reference: iocs.find(({ reference }) => reference !== undefined)?.reference,
  }
}

function describeInterval({ from, before, through }: VersionInterval): string {
  const ends = [
    from === undefined ? '' : `>=${from}`,
    before === undefined ? '' : `<${before}`,
    through === undefined ? '' : `<=${through}`,
  ]
  return ends.filter((end) => end !== '').join(' ')
}
