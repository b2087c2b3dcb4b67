import { PARSER_VERSION } from '@x/lockfiles'

import { type ForgivingStore, type Shelf } from '../files/forgiving-store.ts'
import { type SweepGap } from '../sweep/repository-sweep.ts'
import { type SweptRepository } from '../repository.ts'
import { SWEPT_REPOSITORY } from './repository-shape.ts'
import { SCAN_RECORD, type ScanRecord } from './scan-record.ts'
import { type Finding, type LedgerEntry, type Warning } from './scan-result.ts'
import { isBoolean, isNumber, isText, listOf, objectOf, type Shape } from '../files/value-shape.ts'

/** What a repository came to. */
export interface RepositoryOutcome {
  /** Its line of the ledger. */
  readonly entry: LedgerEntry
  /** What was found in it. */
  readonly findings: readonly Finding[]
  /** What could be resolved in it. */
  readonly warnings: readonly Warning[]
}

/** What is in scope. */
export interface Listing {
  /** In the order in which they are scanned. */
  readonly repositories: readonly SweptRepository[]
  /** What could not be seen. */
  readonly gaps: readonly SweepGap[]
  /** Present names by those that the scope has; absent where an earlier run has listed them. */
  readonly names?: ReadonlyMap<string, string> | undefined
}

interface StoredOutcomes {
  /** The catalogue and the parsers that they come from. */
  readonly basis: string
  readonly outcomes: readonly RepositoryOutcome[]
}

const TTL = '30d'
const RECORDS: Shelf = { category: 'scan', ttl: TTL, shape: SCAN_RECORD }
const INDEXES: Shelf = { ...RECORDS, shape: listOf(isText) }

const state = (shape: Shape): Shelf => ({ category: 'scan-state', ttl: TTL, shape })
const PAGES = state(objectOf({ data: objectOf({}), errors: listOf(objectOf({ message: isText })) }))
const HEADS = state(objectOf({ chunks: Number.isSafeInteger }))
const CHUNKS = state(listOf(SWEPT_REPOSITORY))
const MATCH = { repository: isText, file: isText, line: isNumber, ecosystem: isText, package: isText, version: isText }
const STATUSES: readonly unknown[] = ['scanned', 'skipped', 'failed'] satisfies LedgerEntry['status'][]
const OUTCOMES = state(
  objectOf({
    basis: isText,
    outcomes: listOf(
      objectOf({
        entry: objectOf({ repository: isText, status: (value) => STATUSES.includes(value) }),
        findings: listOf(objectOf({ ...MATCH, direct: isBoolean })),
        warnings: listOf(objectOf({ ...MATCH, range: isText })),
      }),
    ),
  }),
)
/** The key of the list of ids; no id is empty. */
const INDEX = ''
const MOST_RECORDS = 100
const REPOSITORIES_AT_ONCE = 1_000

/** All scans that the store remembers, the newest first. */
export async function listScans(store: ForgivingStore): Promise<ScanRecord[]> {
  const ids = (await store.get<readonly string[]>(INDEX, INDEXES)) ?? []
  const records = await store.getMany<ScanRecord>(ids, RECORDS)
  return ids.flatMap((id) => records.get(id) ?? [])
}

/** What one scan has done so far, written as it goes, so that a killed scan goes on where it stood. */
export class ScanJournal {
  readonly #store: ForgivingStore
  readonly #basis: string
  #record: ScanRecord
  #chunks = 0

  /** Outcomes of a catalogue with another hash are not taken for this one's. */
  constructor(store: ForgivingStore, record: ScanRecord, catalogHash: string) {
    this.#store = store
    this.#record = record
    this.#basis = `${catalogHash}@${PARSER_VERSION}`
  }

  get id(): string {
    return this.#record.id
  }

  /** Enters the scan in the list. */
  async open(): Promise<void> {
    const { id } = this.#record
    await this.#store.setMany([[id, this.#record]], RECORDS)
    await this.#store.update<readonly string[]>(INDEX, INDEXES, (ids = []) => {
      return [id, ...ids.filter((other) => other !== id)].slice(0, MOST_RECORDS)
    })
  }

  /** A part of the sweep that an earlier run has read, or what `load` reads now; it is kept where it is whole. */
  async page<T>(key: string, load: () => Promise<T>, isWhole: (page: T) => boolean): Promise<T> {
    const known = await this.#store.get<T>(this.#key('page', key), PAGES)
    if (known !== undefined) return known
    const page = await load()
    if (isWhole(page)) await this.#set(PAGES, this.#key('page', key), page)
    return page
  }

  async forgetPages(keys: readonly string[]): Promise<void> {
    await this.#store.deleteMany(
      keys.map((key) => this.#key('page', key)),
      PAGES,
    )
  }

  async getListing(): Promise<Listing | undefined> {
    const head = await this.#store.get<{ chunks: number }>(this.#key('listing', 'head'), HEADS)
    if (head === undefined) return undefined
    const repositories: SweptRepository[] = []
    for (let chunk = 0; chunk < head.chunks; chunk += 1) {
      const part = await this.#store.get<readonly SweptRepository[]>(this.#key('listing', chunk), CHUNKS)
      if (part === undefined) return undefined
      repositories.push(...part)
    }
    return { repositories, gaps: [] }
  }

  /** Keeps the listing, unless something is missing from it: then the next run asks again for that. */
  async setListing({ repositories, gaps }: Listing): Promise<void> {
    if (gaps.length > 0) return
    let chunks = 0
    for (let start = 0; start < repositories.length; start += REPOSITORIES_AT_ONCE) {
      await this.#set(CHUNKS, this.#key('listing', chunks), repositories.slice(start, start + REPOSITORIES_AT_ONCE))
      chunks += 1
    }
    await this.#set(HEADS, this.#key('listing', 'head'), { chunks })
  }

  /** What earlier runs have finished, by repository; what failed is not among it. */
  async getOutcomes(): Promise<ReadonlyMap<string, RepositoryOutcome>> {
    const done = new Map<string, RepositoryOutcome>()
    for (;;) {
      const stored = await this.#store.get<StoredOutcomes>(this.#key('outcomes', this.#chunks), OUTCOMES)
      if (stored === undefined) return done
      this.#chunks += 1
      if (stored.basis !== this.#basis) continue
      for (const outcome of stored.outcomes) {
        if (outcome.entry.status !== 'failed') done.set(outcome.entry.repository, outcome)
      }
    }
  }

  async addOutcomes(outcomes: readonly RepositoryOutcome[]): Promise<void> {
    const stored: StoredOutcomes = { basis: this.#basis, outcomes }
    await this.#set(OUTCOMES, this.#key('outcomes', this.#chunks), stored)
    this.#chunks += 1
  }

  async update(changes: Partial<ScanRecord>): Promise<void> {
    this.#record = { ...this.#record, ...changes }
    await this.#store.setMany([[this.#record.id, this.#record]], RECORDS)
  }

  /** Forgets what only a resumption would need. */
  async clear(): Promise<void> {
    await this.#store.drop(this.#record.id, OUTCOMES)
  }

  #set(shelf: Shelf, key: string, value: unknown): Promise<void> {
    return this.#store.setMany([[key, value]], shelf, this.#record.id)
  }

  #key(kind: string, key: string | number): string {
    return `${this.#record.id}:${kind}:${key}`
  }
}
