import type { Statements } from './sqlite-statements.ts'

const MOST_KEPT = 10_000

/** The ids of categories by their names, as key text. An id once committed stays: its row is never removed. */
export class CategoryIds {
  readonly #statements: Statements
  readonly #known = new Map<string, number>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** The id of a category that has ever had an entry, or `undefined`. */
  find(name: string): number | undefined {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const id = this.#statements.categoryId.get(name)
    if (id !== undefined) this.#keep(name, id)
    return id
  }

  /** The id of a category, made if need be: only within a write transaction. */
  open(name: string): number {
    const found = this.find(name)
    if (found !== undefined) return found
    const id = Number(this.#statements.addCategory.run(name).lastInsertRowid)
    this.#keep(name, id)
    return id
  }

  /** Forgets them all: one of them may have been made in a transaction that was rolled back. */
  forget(): void {
    this.#known.clear()
  }

  #keep(name: string, id: number): void {
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.set(name, id)
  }
}
