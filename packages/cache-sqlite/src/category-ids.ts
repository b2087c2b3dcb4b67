import type { Statements } from './sqlite-statements.ts'

/** How many names are remembered here. */
const MOST_KEPT = 10_000
/** Above so many categories in the file, those without entries go. */
const MOST_CATEGORIES = 10_000
/** How many of them go at a time. */
const REMOVED_AT_ONCE = 1_000

/** The ids of categories by their names, as key text. */
export class CategoryIds {
  readonly #statements: Statements
  readonly #known = new Map<string, number>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** The id of a category, as it was when it was last looked up; `undefined` for one that has no entries. */
  find(name: string): number | undefined {
    return this.#known.get(name) ?? this.look(name)
  }

  /** Looks the id of a category up: another process may have removed it while it was empty, and made it anew. */
  look(name: string): number | undefined {
    const id = this.#statements.categoryId.get(name)
    if (id === undefined) this.#known.delete(name)
    else this.#keep(name, id)
    return id
  }

  /** Makes a category that is not there: only within a write transaction, whose store's counts these are. */
  make(name: string, store: { barrier: number }): number {
    this.#makeRoom(store)
    const id = Number(this.#statements.addCategory.run(name).lastInsertRowid)
    this.#keep(name, id)
    return id
  }

  /** Forgets them all: one of them may have been made in a transaction that was rolled back. */
  forget(): void {
    this.#known.clear()
  }

  /** Empty categories remember the removals in them; the store does so in their place, and refuses a little more. */
  #makeRoom(store: { barrier: number }): void {
    if ((this.#statements.categoryCount.get() ?? 0) < MOST_CATEGORIES) return
    store.barrier = Math.max(store.barrier, ...this.#statements.removeCategories.all(REMOVED_AT_ONCE))
    this.#known.clear()
  }

  #keep(name: string, id: number): void {
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.set(name, id)
  }
}
