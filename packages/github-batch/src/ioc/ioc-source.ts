import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { type Ioc } from './ioc.ts'
import { IocListError } from './ioc-list-error.ts'
import { parseIocList, readIocList } from './ioc-list.ts'

/** A list that comes as a stream, such as `process.stdin`. */
export interface IocStream {
  /** What to call it in matches and errors. */
  readonly name: string
  /** Its content: text, or bytes of UTF-8. Read to its end before anything is made of it. */
  readonly content: AsyncIterable<string | Uint8Array>
}

/** The path of a file, the path of a folder (every list below it is read), or a stream. */
export type IocSource = string | IocStream

/** What is read of a folder; a file that is named itself may be called anything. */
const LIST_NAME = /\.(?:json|jsonl|ndjson|csv|txt)$/i

/** So many files are open at once. */
const MOST_OPEN = 32

/** Reads lists in the order of `sources`. */
export async function readIocSources(sources: readonly IocSource[]): Promise<Ioc[]> {
  const iocs: Ioc[] = []
  for (const source of sources) {
    const read = typeof source === 'string' ? readPath(source) : readStream(source)
    for (const ioc of await read) iocs.push(ioc)
  }
  return iocs
}

async function readStream({ name, content }: IocStream): Promise<Ioc[]> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of content) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return parseIocList(name, text + decoder.decode())
}

async function readPath(path: string): Promise<Ioc[]> {
  const isFolder = await orListError(path, async () => (await stat(path)).isDirectory())
  if (isFolder) return readFolder(path)
  return parseIocList(basename(path), await readText(path))
}

async function readFolder(path: string): Promise<Ioc[]> {
  const entries = await orListError(path, () => readdir(path, { recursive: true, withFileTypes: true }))
  const files = entries
    .filter((entry) => !entry.isDirectory() && LIST_NAME.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const iocs: Ioc[] = []
  for (let start = 0; start < files.length; start += MOST_OPEN) {
    const batch = files.slice(start, start + MOST_OPEN)
    for (const list of await Promise.all(batch.map(readListOfFolder))) for (const ioc of list) iocs.push(ioc)
  }
  if (iocs.length === 0) throw new IocListError(`${path}: no list in the folder names a package.`, { path })
  return iocs
}

async function readListOfFolder(path: string): Promise<Ioc[]> {
  const text = await readText(path)
  const { iocs, isOsv } = readIocList(basename(path), text)
  // A document that was withdrawn names nothing; any other list that names nothing was meant to.
  return isOsv ? iocs : parseIocList(basename(path), text)
}

function readText(path: string): Promise<string> {
  return orListError(path, () => readFile(path, 'utf8'))
}

async function orListError<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : String(code)
    throw new IocListError(`Cannot read the IOC list ${path}: ${why}.`, { path, cause })
  }
}
