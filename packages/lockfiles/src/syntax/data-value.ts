/** A value of a JSON or TOML text. Numbers and dates are as they are written. */
export type DataValue = string | boolean | null | DataTable | DataList

/** The items of an array, each with its line. */
export type DataList = readonly DataEntry[]

/** An object or table, in the order of the text. Any text may be a key, `__proto__` too. */
export type DataTable = ReadonlyMap<string, DataEntry>

/** A value, and where it stands. */
export interface DataEntry {
  /** What stands there. */
  readonly value: DataValue
  /** The line of its key, or of an array's item, counted from 1. */
  readonly line: number
}

const NO_TABLE: DataTable = new Map()

/** Whether a value, or that of an absent key, is an object or table. */
export function isDataTable(value: DataValue | undefined): value is DataTable {
  return value instanceof Map
}

/** Whether a value, or that of an absent key, is an array. */
export function isDataList(value: DataValue | undefined): value is DataList {
  return Array.isArray(value)
}

/** The text or number of a key; undefined when the key is absent or holds something else. */
export function dataText(table: DataTable, key: string): string | undefined {
  const value = table.get(key)?.value
  return typeof value === 'string' ? value : undefined
}

/** The table of a key; an empty one when the key is absent or holds something else. */
export function dataTable(table: DataTable, key: string): DataTable {
  const value = table.get(key)?.value
  return isDataTable(value) ? value : NO_TABLE
}

/** The items of a key; none when the key is absent or holds no array. */
export function dataList(table: DataTable, key: string): DataList {
  const value = table.get(key)?.value
  return isDataList(value) ? value : []
}

/** The tables among the items of a key. */
export function dataTables(table: DataTable, key: string): DataTable[] {
  return dataList(table, key)
    .map(({ value }) => value)
    .filter((value) => isDataTable(value))
}

/** The texts among the items of a key. */
export function dataTexts(table: DataTable, key: string): string[] {
  return dataList(table, key)
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string')
}
