import { type DataEntry, type DataTable, type DataValue, isDataTable } from './data-value.ts'
import { JsonCursor } from './json-cursor.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { type LockfileProblem } from '../parsed-lockfile.ts'
import { repeatedKey } from './repeated-key.ts'

/** No lockfile is nested this deeply. */
const MAX_DEPTH = 200

/** Twice what an SBOM of 64 MiB holds. */
const MAX_VALUES = 8_000_000

const LITERALS: ReadonlyMap<string, DataValue> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** How to read, and where to say what is odd. */
export interface JsonReading {
  /** Told of keys that stand twice in one object: the last one counts, as for `JSON.parse`. */
  readonly problems: LockfileProblem[]
  /** Whether there may be comments, and commas before a closing bracket, as in `bun.lock`. */
  readonly extended?: boolean
}

/**
 * Reads a JSON text whose outermost value is an object, with the lines of its keys. Linear in time and memory.
 *
 * @throws LockfileFault `MALFORMED` at the first character that cannot stand where it stands.
 */
export function readJsonObject(text: string, { problems, extended }: JsonReading): DataTable {
  const cursor = new JsonCursor(text, { extended })
  const value = new DocumentReader(cursor, problems).readValue(0)
  cursor.finish()
  if (isDataTable(value)) return value
  throw new LockfileFault('MALFORMED', 'The file holds no JSON object.', { line: 1, column: 1 })
}

class DocumentReader {
  readonly #cursor: JsonCursor
  readonly #problems: LockfileProblem[]
  #values = 0

  constructor(cursor: JsonCursor, problems: LockfileProblem[]) {
    this.#cursor = cursor
    this.#problems = problems
  }

  readValue(depth: number): DataValue {
    const cursor = this.#cursor
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) cursor.refuse('There are too many values, or too deep ones.')
    if (cursor.enterObject()) return this.#readTable(depth)
    if (cursor.enterArray()) return this.#readList(depth)
    const text = cursor.readString()
    if (text !== undefined) return text
    const literal = cursor.readLiteral()
    const known = LITERALS.get(literal)
    return known === undefined ? literal : known
  }

  #readTable(depth: number): DataTable {
    const table = new Map<string, DataEntry>()
    for (let key = this.#cursor.nextKey(); key !== undefined; key = this.#cursor.nextKey()) {
      const { line } = this.#cursor
      if (table.delete(key)) this.#problems.push(repeatedKey(key, line))
      table.set(key, { value: this.readValue(depth + 1), line })
    }
    return table
  }

  #readList(depth: number): DataEntry[] {
    const list: DataEntry[] = []
    while (this.#cursor.nextItem()) {
      const { line } = this.#cursor
      list.push({ value: this.readValue(depth + 1), line })
    }
    return list
  }
}
