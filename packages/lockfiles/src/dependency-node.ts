/** An entry of a lockfile in its place among the others: who may ask for it by which key, and what it asks for. */
export interface DependencyNode {
  /** The line of its package, as `parseLockfile` has it. */
  readonly line: number
  /** The package's name: with its version it tells entries on one line apart, where a file has no line breaks. */
  readonly name?: string | undefined
  /** Its version. */
  readonly version?: string | undefined
  /** What others ask for it by. */
  readonly keys: readonly string[]
  /** The keys of what it asks for; one that is nobody's is no harm. Nodes that ask for the same by one key share the list. */
  readonly requires: readonly string[]
  /** Whether the project asks for just this one; absent: as its package says. */
  readonly direct?: boolean | undefined
}
