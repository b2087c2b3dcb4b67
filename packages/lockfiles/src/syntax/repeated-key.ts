import { type LockfileProblem } from '../parsed-lockfile.ts'

/** A key that stands twice in one object: the last one counts, as for `JSON.parse`, but a reader's eye may see another. */
export function repeatedKey(key: string, line: number): LockfileProblem {
  return { line, reason: `The key ${JSON.stringify(key)} is repeated; the last one counts.` }
}
