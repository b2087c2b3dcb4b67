import { type Ioc } from './ioc.ts'
import { ECOSYSTEM_NAMES, ecosystemNamed, exactVersion } from './ioc-entry.ts'
import { IocListError } from './ioc-list-error.ts'

/** What lists call their columns, in small letters and with `_` for everything else. */
const COLUMNS = {
  name: ['package_name', 'package', 'name', 'module'],
  versions: ['package_versions', 'package_version', 'versions', 'version', 'affected_versions', 'affected_version'],
  ecosystem: ['ecosystem', 'registry'],
  sources: ['sources', 'source'],
} as const

type Column = keyof typeof COLUMNS

interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Reads comma-separated values (RFC 4180) with a header; undefined when the first line is no header of a list.
 *
 * @throws IocListError naming the line.
 */
export function readCsvIocList(path: string, text: string): Ioc[] | undefined {
  if (!isHeader(cellsOf(/^\s*([^\r\n]*)/.exec(text)?.[1] ?? ''))) return undefined
  const [header, ...records] = readRecords(path, text)
  const columns = header?.cells.map(columnName) ?? []
  const cellOf = ({ cells }: CsvRecord, column: Column): string => {
    const index = columns.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name))
    return (cells[index] ?? '').trim()
  }
  return records.flatMap((record) => {
    const { line } = record
    const fail = (problem: string): never => {
      throw new IocListError(`${path}:${line}: ${problem}`, { path, line })
    }
    const registry = cellOf(record, 'ecosystem') || 'npm'
    const ecosystem = ecosystemNamed(registry)
    if (ecosystem === undefined) {
      return fail(`unknown ecosystem ${JSON.stringify(registry)}. Known: ${ECOSYSTEM_NAMES.join(', ')}.`)
    }
    const name = cellOf(record, 'name')
    if (!/^\S+$/.test(name)) return fail('the line names no package.')
    const sources = cellOf(record, 'sources')
    const source = sources === '' ? path : `${path} (${sources})`
    const versions = versionsIn(cellOf(record, 'versions'))
    if (versions.length === 0) return fail(`${JSON.stringify(name)} has no version. Write * for any.`)
    return versions.map((text): Ioc => {
      const version = exactVersion(ecosystem, text)
      if (version === undefined) return fail(`${JSON.stringify(text)} is no exact version of ${JSON.stringify(name)}.`)
      return { ecosystem, name, version, source }
    })
  })
}

/** Several versions have commas, semicolons, `|` or spaces between them; `=` may stand before each. */
function versionsIn(cell: string): string[] {
  return cell
    .replace(/=+\s*/g, ' ')
    .split(/[\s,;|]+/)
    .filter((version) => version !== '')
}

function isHeader(cells: readonly string[]): boolean {
  const names = cells.map(columnName)
  return (['name', 'versions'] as const).every((column) =>
    names.some((name) => (COLUMNS[column] as readonly string[]).includes(name)),
  )
}

function columnName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_')
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
}

/** Splits the text into records; a quoted cell may hold commas, line feeds and doubled quotes. */
function readRecords(path: string, text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let cells: string[] = []
  let line = 1
  let start = 1
  const end = (): void => {
    if (cells.length > 1 || cells[0]?.trim() !== '') records.push({ line: start, cells })
    cells = []
    start = line
  }
  // Each match is a cell and what ends it.
  const cell = /(?:[ \t]*"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r?\n|\r|$)/y
  for (;;) {
    const from = cell.lastIndex
    const match = cell.exec(text)
    if (match === null) {
      throw new IocListError(`${path}:${line}: the quotes of a cell do not close, or something follows them.`, {
        path,
        line,
      })
    }
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    line += text.slice(from, cell.lastIndex).split('\n').length - 1
    if (match[3] !== ',') end()
    if (match[3] === '') return records
  }
}
