import type { Ecosystem, VersionInterval } from '@x/lockfiles'

/** Versions of a package that are known to be bad. */
export interface Ioc {
  /** The purl type of its registry. */
  readonly ecosystem: Ecosystem
  /** As its registry writes it. */
  readonly name: string
  /** Exactly this version; `null`: every version, or those of `interval`. */
  readonly version: string | null
  /** With `version: null`, the versions from one on up to another, by the ecosystem's own order. */
  readonly interval?: VersionInterval | undefined
  /** The list that names it. */
  readonly source: string
  /** Where to read about it. */
  readonly reference?: string | undefined
}
