import { readCsvIocList } from './csv-ioc-list.ts'
import { type Ioc } from './ioc.ts'
import { ecosystemNamed, exactVersion } from './ioc-entry.ts'
import { IocListError } from './ioc-list-error.ts'
import { parseJsonIocList } from './json-ioc-list.ts'
import { isOsvDocument, readOsvDocument } from './osv-document.ts'

/**
 * Reads one list.
 *
 * - JSON: `{ "npm": { "name": ["1.0.0"] }, "pypi": … }`, or names directly, then of npm; `null` for the versions: any.
 * - OSV (ossf.github.io/osv-schema): a document, an array of them, or one on each line. Withdrawn ones, other ecosystems
 *   and ranges of commits are left out.
 * - CSV: a header with `package_name` and `package_versions` (or `package`, `name`; `versions`, `version`), and perhaps
 *   `ecosystem` and `sources`; several versions of a cell have commas, spaces or `||` between them, and perhaps a `=` before.
 * - Lines: `[ecosystem:]name:version`, npm when omitted; `*` for the version: any; `#` begins a comment.
 *
 * @throws IocListError naming the line, also for a list that names nothing: it would make everything clean.
 */
export function parseIocList(path: string, text: string): Ioc[] {
  const { iocs } = readIocList(path, text)
  if (iocs.length === 0) throw new IocListError(`${path}: the list names no package.`, { path })
  return iocs
}

/** What a list holds; where it is made of OSV documents, that may rightly be nothing. */
export function readIocList(path: string, text: string): { iocs: Ioc[]; isOsv: boolean } {
  const content = text.replace(/^\uFEFF/, '')
  const documents = /^\s*[[{]/.test(content) ? readOsvDocuments(path, content) : undefined
  if (documents !== undefined) return { iocs: documents, isOsv: true }
  if (/^\s*\{/.test(content)) return { iocs: parseJsonIocList(path, content), isOsv: false }
  return { iocs: readCsvIocList(path, content) ?? parseLines(path, content), isOsv: false }
}

/** Undefined when the text is not made of OSV documents. */
function readOsvDocuments(path: string, text: string): Ioc[] | undefined {
  const whole = parsed(text)
  if (isOsvDocument(whole)) return readOsvDocument(whole, path)
  if (Array.isArray(whole)) {
    return whole.flatMap((document: unknown, index) => {
      if (isOsvDocument(document)) return readOsvDocument(document, `${path}[${index}]`)
      throw new IocListError(`${path}: item ${index} of the array is no OSV document.`, { path })
    })
  }
  const lines = text.split('\n')
  if (whole !== undefined || !isOsvDocument(parsed(lines.find((line) => line.trim() !== '') ?? ''))) return undefined
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const document = parsed(line)
    if (isOsvDocument(document)) return readOsvDocument(document, `${path}:${index + 1}`)
    throw new IocListError(`${path}:${index + 1}: no OSV document.`, { path, line: index + 1 })
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function parseLines(path: string, text: string): Ioc[] {
  const iocs: Ioc[] = []
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const entry = raw.replace(/(^|\s)#.*$/, '').trim()
    if (entry !== '') iocs.push({ ...parseLine(path, entry, index + 1), source: path })
  }
  return iocs
}

function parseLine(path: string, entry: string, line: number): Pick<Ioc, 'ecosystem' | 'name' | 'version'> {
  const parts = entry.split(':')
  const version = parts.pop() ?? ''
  const named = parts.length > 1 ? ecosystemNamed(parts[0] ?? '') : undefined
  const name = (named === undefined ? parts : parts.slice(1)).join(':')
  const ecosystem = named ?? 'npm'
  const exact = exactVersion(ecosystem, version)
  if (!/^\S+$/.test(name) || name.includes(':') !== (ecosystem === 'maven') || exact === undefined) {
    throw new IocListError(
      `${path}:${line}: not an IOC: ${JSON.stringify(entry.slice(0, 100))}. ` +
        'Write [ecosystem:]name:version with an exact version or *, such as npm:event-stream:3.3.6.',
      { path, line },
    )
  }
  return { ecosystem, name, version: exact }
}
