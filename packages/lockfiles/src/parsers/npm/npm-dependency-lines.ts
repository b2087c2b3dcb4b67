import { JsonCursor } from '../../syntax/json-cursor.ts'
import { type LockfileProblem } from '../../parsed-lockfile.ts'

/** No tree of folders is nested this deeply: what lies below is not read, and its parser says so. */
const MAX_NESTING = 100

/** Where an entry of version 1 starts, and where those nested in it do. */
export interface NestedLine {
  /** The line of the entry's key. */
  readonly line: number
  /** The entries of its own `dependencies` by name; undefined where they are nested too deeply. */
  readonly nested: NestedLines | undefined
}

/** Entries of one level by name, in the order of the text. */
export type NestedLines = ReadonlyMap<string, NestedLine>

/** The lines of the section `dependencies`. */
export interface NpmDependencyLines {
  /** The entries of the top level. */
  readonly top: NestedLines
  /** Keys that stand twice: JSON takes the last, a reader's eye perhaps another. */
  readonly problems: readonly LockfileProblem[]
}

/** Finds the line of every entry of `dependencies`, on every level. */
export function readNpmDependencyLines(text: string): NpmDependencyLines {
  const cursor = new JsonCursor(text)
  const problems: LockfileProblem[] = []

  function readNested(depth: number): NestedLines {
    const lines = new Map<string, NestedLine>()
    cursor.readObject((key, line) => {
      let nested: NestedLines | undefined = new Map()
      cursor.readObject((property) => {
        if (property === 'dependencies') nested = depth < MAX_NESTING ? readNested(depth + 1) : undefined
      })
      if (lines.delete(key)) {
        problems.push({ line, reason: `The key ${JSON.stringify(key)} is repeated; the last one counts.` })
      }
      lines.set(key, { line, nested })
    })
    return lines
  }

  let top: NestedLines = new Map()
  cursor.readObject((section) => {
    if (section === 'dependencies') top = readNested(1)
  })
  return { top, problems }
}
