import { type ForgivingStore, type Shelf } from '../files/forgiving-store.ts'
import { type SweptRepository } from '../repository.ts'
import { SWEPT_REPOSITORY } from './repository-shape.ts'
import { isNumber, isText, listOf, objectOf } from '../files/value-shape.ts'

/** What a full sweep has found of an owner or a team. */
export interface OwnerIndex {
  /** When the full sweep ended: milliseconds since the Unix epoch. */
  readonly sweptAt: number
  /** How many repositories GitHub counts. */
  readonly total: number
  /** The time of the newest push of all, as GitHub writes it. */
  readonly newest: string
  /** `owner/name` of every repository. */
  readonly names: readonly string[]
}

/** So many repositories are read or written together. */
const AT_ONCE = 1_000

const OWNER_INDEX = objectOf({ sweptAt: isNumber, total: isNumber, newest: isText, names: listOf(isText) })

/** Repositories as they were last seen, and whose they are: for the next sweep, and for a scan without GitHub. */
export class Inventory {
  readonly #store: ForgivingStore
  readonly #owners: Shelf = { category: 'owner', ttl: '90d', shape: OWNER_INDEX }
  readonly #repositories: Shelf = { category: 'repository', ttl: '90d', shape: SWEPT_REPOSITORY }

  constructor(store: ForgivingStore) {
    this.#store = store
  }

  /** By login, or `org/team`; letter case does not matter. */
  getIndex(owner: string): Promise<OwnerIndex | undefined> {
    return this.#store.get<OwnerIndex>(owner.toLowerCase(), this.#owners)
  }

  async setIndex(owner: string, index: OwnerIndex): Promise<void> {
    await this.#store.setMany([[owner.toLowerCase(), index]], this.#owners)
  }

  /** Those that are known, by their names as given. */
  async getRepositories(names: readonly string[]): Promise<ReadonlyMap<string, SweptRepository>> {
    const known = new Map<string, SweptRepository>()
    for (const some of chunksOf(names)) {
      const keys = some.map((name) => name.toLowerCase())
      const found = await this.#store.getMany<SweptRepository>(keys, this.#repositories)
      for (const name of some) {
        const repository = found.get(name.toLowerCase())
        if (repository !== undefined) known.set(name, repository)
      }
    }
    return known
  }

  async setRepositories(repositories: readonly SweptRepository[]): Promise<void> {
    for (const some of chunksOf(repositories)) {
      const entries = some.map((repository) => [repository.fullName.toLowerCase(), repository] as const)
      await this.#store.setMany(entries, this.#repositories)
    }
  }
}

/** What is read or written together: neither the store nor the memory is asked for all of a large organisation at once. */
function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += AT_ONCE) yield items.slice(start, start + AT_ONCE)
}
