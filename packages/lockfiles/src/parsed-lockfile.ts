import { type Ecosystem } from './ecosystem.ts'

/**
 * Where a package comes from. Only `registry`, `git` and `url` are somebody else's code under a public name: match
 * those against lists of compromised packages, never the rest.
 *
 * - `registry`: a package registry, also where the file does not name which.
 * - `git`: a commit of a repository.
 * - `url`: a tarball at an address that is not a registry's.
 * - `file`: a copy of a local folder or tarball.
 * - `link`: a link to a local folder.
 * - `workspace`: a folder of the project itself.
 */
export type PackageSource = 'registry' | 'git' | 'url' | 'file' | 'link' | 'workspace'

/** One entry of a lockfile: a package that an installation puts on disk. */
export interface LockedPackage {
  /** The name it was published under, also where the project calls it by an alias. */
  readonly name: string
  /**
   * The exact version. Where the file has none: the commit of a `git` package, the address of a `url` package, the
   * empty string for `file`, `link` and `workspace`.
   */
  readonly version: string
  /** Which ecosystem's names and version order apply. */
  readonly ecosystem: Ecosystem
  /** The line of the entry's key, counted from 1. */
  readonly line: number
  /** Whether the project itself asks for it; each format's reach is in the README. */
  readonly direct: boolean
  /** Whether it serves development only; false where the format does not say. */
  readonly dev: boolean
  /** Where it comes from. */
  readonly source: PackageSource
  /** The address or path it is fetched from, as the file has it; absent where it has none. */
  readonly resolved?: string
}

/** One requirement of a manifest that a registry answers: what could be installed, not what is. */
export interface PackageRange {
  /** The required package's published name. */
  readonly name: string
  /** The requirement in the ecosystem's own notation, such as `^5.0.0`; empty where the manifest leaves it open. */
  readonly range: string
  /** The version, where the requirement admits that one alone: nothing else is going to be installed. */
  readonly exact?: string
  /** Which ecosystem's names and version order apply. */
  readonly ecosystem: Ecosystem
  /** The line of the requirement, counted from 1. */
  readonly line: number
  /** Whether it is required for development only. */
  readonly dev: boolean
}

/** Something in the file that was not understood: the file counts as partly read. */
export interface LockfileProblem {
  /** The line it starts on, counted from 1. */
  readonly line: number
  /** What was not understood, as a sentence. */
  readonly reason: string
}

/** What a file says, in the order of its lines. */
export interface ParsedLockfile {
  /** What is installed. The same name and version appear once per entry, so possibly more than once. */
  readonly packages: readonly LockedPackage[]
  /** What a manifest asks for. */
  readonly ranges: readonly PackageRange[]
  /** What was not understood; when it is not empty, `packages` may lack something. */
  readonly problems: readonly LockfileProblem[]
}
