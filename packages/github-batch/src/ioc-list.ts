import { type Ioc } from './ioc-catalog.ts'
import { ecosystemNamed, exactVersion } from './ioc-entry.ts'
import { IocListError } from './ioc-list-error.ts'
import { parseJsonIocList } from './json-ioc-list.ts'

/**
 * Reads one list: JSON, when the text begins with `{`, else lines.
 *
 * JSON: `{ "npm": { "name": ["1.0.0"] }, "pypi": … }`, or names directly, then of npm; `null` for the versions: any.
 * Lines: `[ecosystem:]name:version`, npm when omitted; `*` for the version: any; `#` begins a comment.
 *
 * @throws IocListError naming the line.
 */
export function parseIocList(path: string, text: string): Ioc[] {
  const content = text.replace(/^\uFEFF/, '')
  const iocs = content.trimStart().startsWith('{') ? parseJsonIocList(path, content) : parseLines(path, content)
  // A list that names nothing would make everything clean.
  if (iocs.length === 0) throw new IocListError(`${path}: the list names no package.`, { path })
  return iocs
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
