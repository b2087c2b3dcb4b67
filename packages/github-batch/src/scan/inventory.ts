import { type ForgivingStore, type Shelf } from '../files/forgiving-store.ts'
import { type SweptRepository } from '../repository.ts'

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

/** Repositories as they were last seen, and whose they are: for the next sweep, and for a scan without GitHub. */
export class Inventory {
  readonly #store: ForgivingStore
  readonly #owners: Shelf = { category: 'owner', ttl: '90d' }
  readonly #repositories: Shelf = { category: 'repository', ttl: '90d' }

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
    const found = await this.#store.getMany<SweptRepository>(
      names.map((name) => name.toLowerCase()),
      this.#repositories,
    )
    return new Map(
      names.flatMap((name) => {
        const repository = found.get(name.toLowerCase())
        return repository === undefined ? [] : [[name, repository]]
      }),
    )
  }

  async setRepositories(repositories: readonly SweptRepository[]): Promise<void> {
    await this.#store.setMany(
      repositories.map((repository) => [repository.fullName.toLowerCase(), repository]),
      this.#repositories,
    )
  }
}
