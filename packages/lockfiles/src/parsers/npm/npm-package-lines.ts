import { JsonCursor } from '../../syntax/json-cursor.ts'
import { type JsonRecord } from '../../syntax/json-record.ts'
import { LineCounter } from '../../syntax/line-counter.ts'
import { type LockfileProblem } from '../../parsed-lockfile.ts'

/** How almost every key of `packages` begins. */
const PREFIX = '"node_modules/'

/** The part of it to search for: its first character is rare, which makes the search four times as fast. */
const ANCHOR = '_modules/'
const ANCHOR_OFFSET: number = PREFIX.indexOf(ANCHOR)

/** Where the keys of `packages` stand, in the order of the text. */
export interface NpmPackageLines {
  /** The locations; in the same order as `lines`. */
  readonly locations: readonly string[]
  /** The line of each location's key, counted from 1; that of the project itself, `''`, may be any. */
  readonly lines: readonly number[]
  /** Keys that stand twice: JSON takes the last, a reader's eye perhaps another. */
  readonly problems: readonly LockfileProblem[]
}

/** Finds the line of every key of `packages`, the section of the same name in the text. */
export function readNpmPackageLines(text: string, packages: JsonRecord): NpmPackageLines {
  const locations = Object.keys(packages)
  const lines = jumpAlong(text, locations)
  return lines === undefined ? walk(text) : { locations, lines, problems: [] }
}

/**
 * Jumps from one `_modules/` to the next instead of reading what lies between, several times as fast as a walk.
 * Exact or undefined: where nothing is escaped, `"node_modules/` only begins a string; when it stands nowhere but in as
 * many places as there are keys, and every key begins so (but the project's own, the first), those are the keys.
 */
function jumpAlong(text: string, locations: readonly string[]): number[] | undefined {
  if (text.includes('\\')) return undefined

  const counter = new LineCounter(text)
  const lines: number[] = []
  let anchor = text.indexOf(ANCHOR)
  for (const location of locations) {
    if (location !== '' || lines.length > 0) {
      const start = anchor - ANCHOR_OFFSET
      const end = start + 1 + location.length
      if (anchor === -1 || !text.startsWith(PREFIX, start)) return undefined
      if (!text.startsWith(location, start + 1) || text[end] !== '"') return undefined
      lines.push(counter.lineOf(start))
      anchor = text.indexOf(ANCHOR, end)
    } else lines.push(1)
  }
  return anchor === -1 ? lines : undefined
}

function walk(text: string): NpmPackageLines {
  const problems: LockfileProblem[] = []
  const cursor = new JsonCursor(text)
  let found = new Map<string, number>()
  cursor.readObject((section) => {
    if (section !== 'packages') return
    // Of a repeated section the last counts, as for JSON.parse.
    found = new Map()
    cursor.readObject((location, line) => {
      if (found.delete(location)) {
        problems.push({ line, reason: `The key ${JSON.stringify(location)} is repeated; the last one counts.` })
      }
      found.set(location, line)
    })
  })
  return { locations: [...found.keys()], lines: [...found.values()], problems }
}
