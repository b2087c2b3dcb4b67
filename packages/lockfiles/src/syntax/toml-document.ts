import { type DataEntry, type DataTable, type DataValue } from './data-value.ts'
import { refuseLoneCarriageReturns } from './line-breaks.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { TomlCursor } from './toml-cursor.ts'

/** How a table came to be: TOML forbids to add to most of them in another way. */
type Origin = 'header' | 'dotted' | 'inline' | 'implied'

type MutableTable = Map<string, DataEntry>

/** No key has more parts. */
const MAX_PARTS = 100

/**
 * Reads TOML 1.1 (toml.io/en/v1.1.0, November 2026) with the lines of its keys. Linear in time and memory.
 *
 * @throws LockfileFault `MALFORMED` at the first thing that TOML forbids, also a key that stands twice.
 */
export function readTomlDocument(text: string): DataTable {
  refuseLoneCarriageReturns(text)
  return new TomlReader(text).read()
}

class TomlReader {
  readonly #cursor: TomlCursor
  readonly #origins = new Map<DataTable, Origin>()
  /** Arrays that `[[…]]` made: others take no more items. */
  readonly #arrays = new Set<readonly DataEntry[]>()

  constructor(text: string) {
    this.#cursor = new TomlCursor(text)
  }

  read(): DataTable {
    const cursor = this.#cursor
    const root: MutableTable = new Map()
    let table = root
    cursor.skipBlank()
    while (!cursor.isAtEnd) {
      if (cursor.skip('[[')) table = this.#openItem(root)
      else if (cursor.skip('[')) table = this.#openTable(root)
      else this.#readPair(table, 0)
      cursor.endLine()
      cursor.skipBlank()
    }
    return root
  }

  #openTable(root: MutableTable): MutableTable {
    const { line } = this.#cursor
    const path = this.#readKey()
    this.#cursor.expect(']')
    const last = path.pop() ?? ''
    const parent = this.#descend(root, path, 'implied')
    const known = parent.get(last)?.value
    if (known === undefined) return this.#addTable(parent, { key: last, line, origin: 'header' })
    if (!(known instanceof Map) || this.#origins.get(known) !== 'implied') return this.#fail(last)
    this.#origins.set(known, 'header')
    return known as MutableTable
  }

  #openItem(root: MutableTable): MutableTable {
    const { line } = this.#cursor
    const path = this.#readKey()
    this.#cursor.expect(']]')
    const last = path.pop() ?? ''
    const parent = this.#descend(root, path, 'implied')
    let list = parent.get(last)?.value
    if (list === undefined) {
      list = []
      this.#arrays.add(list)
      parent.set(last, { value: list, line })
    }
    if (!Array.isArray(list) || !this.#arrays.has(list as DataEntry[])) return this.#fail(last)
    const item: MutableTable = new Map()
    this.#origins.set(item, 'header')
    ;(list as DataEntry[]).push({ value: item, line })
    return item
  }

  #readPair(table: MutableTable, depth: number): void {
    const cursor = this.#cursor
    const { line } = cursor
    const path = this.#readKey()
    cursor.expect('=')
    cursor.skipSpaces()
    const last = path.pop() ?? ''
    const parent = this.#descend(table, path, 'dotted')
    if (parent.has(last)) this.#fail(last)
    parent.set(last, { value: this.#readValue(depth), line })
  }

  /** The table at a path, made where it is not there yet. */
  #descend(table: MutableTable, path: readonly string[], origin: 'implied' | 'dotted'): MutableTable {
    let current = table
    for (const key of path) {
      const { line } = this.#cursor
      const known = current.get(key)?.value
      if (known === undefined) current = this.#addTable(current, { key, line, origin })
      else current = this.#enter(known, { key, origin })
    }
    return current
  }

  #enter(known: DataValue, { key, origin }: { key: string; origin: Origin }): MutableTable {
    const inner =
      Array.isArray(known) && this.#arrays.has(known as DataEntry[]) ? (known as DataEntry[]).at(-1)?.value : known
    if (!(inner instanceof Map)) return this.#fail(key)
    const made = this.#origins.get(inner as DataTable)
    // A dotted key adds only to tables that dotted keys made; nothing adds to an inline one.
    if (made === 'inline' || (origin === 'dotted' && made !== 'dotted')) return this.#fail(key)
    return inner as MutableTable
  }

  #addTable(parent: MutableTable, { key, line, origin }: { key: string; line: number; origin: Origin }): MutableTable {
    const table: MutableTable = new Map()
    this.#origins.set(table, origin)
    parent.set(key, { value: table, line })
    return table
  }

  #readKey(): string[] {
    const cursor = this.#cursor
    const path: string[] = []
    do {
      cursor.skipSpaces()
      path.push(cursor.readKeyPart())
      cursor.skipSpaces()
      if (path.length > MAX_PARTS) cursor.fail('The key has too many parts.')
    } while (cursor.skip('.'))
    return path
  }

  #readValue(depth: number): DataValue {
    const cursor = this.#cursor
    if (depth > MAX_PARTS) cursor.fail('The values are nested too deeply.')
    if (cursor.skip('[')) return this.#readArray(depth)
    return cursor.skip('{') ? this.#readInlineTable(depth) : cursor.readScalar()
  }

  #readArray(depth: number): DataEntry[] {
    const cursor = this.#cursor
    const list: DataEntry[] = []
    for (;;) {
      cursor.skipBlank()
      if (cursor.skip(']')) return list
      const { line } = cursor
      list.push({ value: this.#readValue(depth + 1), line })
      cursor.skipBlank()
      if (cursor.skip(',')) continue
      cursor.expect(']')
      return list
    }
  }

  #readInlineTable(depth: number): DataTable {
    const cursor = this.#cursor
    const table: MutableTable = new Map()
    cursor.skipBlank()
    while (!cursor.skip('}')) {
      this.#readPair(table, depth + 1)
      cursor.skipBlank()
      if (cursor.skip(',')) {
        cursor.skipBlank()
        continue
      }
      cursor.expect('}')
      break
    }
    this.#close(table)
    return table
  }

  /** Nothing may be added to an inline table, nor to what dotted keys made within it. */
  #close(table: DataTable): void {
    this.#origins.set(table, 'inline')
    for (const { value } of table.values()) {
      if (value instanceof Map && this.#origins.get(value as DataTable) === 'dotted') this.#close(value as DataTable)
    }
  }

  #fail(key: string): never {
    throw new LockfileFault('MALFORMED', `The key ${JSON.stringify(key)} is repeated, or is no table.`, {
      line: this.#cursor.line,
      column: 1,
    })
  }
}
