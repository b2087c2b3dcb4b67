import {
  isOid,
  parseCommit,
  parseTree,
  targetOfTag,
  type Commit,
  type GitObject,
  type ObjectInfo,
  type TreeEntry,
} from './git-object.ts'
import { type ObjectDatabase } from './object-database.ts'
import { type ObjectSource } from './object-source.ts'
import { readReference } from './reference-file.ts'

const LONGEST_TAG_CHAIN = 5
/** Questions to git in flight at once, so that a tree of 100,000 entries does not make as many promises. */
const INFO_BATCH = 1000

export interface GitRepositoryOptions {
  readonly gitDir: string
  readonly defaultBranch: string
  readonly source: ObjectSource
  /** Asked instead of the folder. */
  readonly objects?: (() => ObjectDatabase) | undefined
}

/** A path with the entry found there. */
export interface LocatedEntry {
  readonly path: string
  readonly entry: TreeEntry
}

/** Reads one bare repository: revisions, objects and trees, never a checkout. */
export class GitRepository {
  readonly gitDir: string
  readonly #defaultBranch: string
  readonly #source: ObjectSource
  readonly #objects: (() => ObjectDatabase) | undefined

  constructor({ gitDir, defaultBranch, source, objects }: GitRepositoryOptions) {
    this.gitDir = gitDir
    this.#defaultBranch = defaultBranch
    this.#source = source
    this.#objects = objects
  }

  /** The commit at the tip of the default branch; `undefined` when nothing was pushed to it. */
  head(): Promise<string | undefined> {
    return this.reference(`refs/heads/${this.#defaultBranch}`)
  }

  /** What a full reference name points at. */
  reference(name: string): Promise<string | undefined> {
    if (this.#objects === undefined) return readReference(this.gitDir, name)
    return Promise.resolve(name === `refs/heads/${this.#defaultBranch}` ? this.#objects().head : undefined)
  }

  /** A full object id that exists, a branch, a tag, `HEAD` or any other git revision → object id. */
  async resolve(revision: string): Promise<string | undefined> {
    if (isOid(revision)) return (await this.info(revision))?.oid
    if (revision === 'HEAD') return this.head()
    // The record says which branch HEAD is, whatever the folder's own HEAD says.
    if (/^HEAD[~^@]/.test(revision)) return this.resolve(`refs/heads/${this.#defaultBranch}${revision.slice(4)}`)
    const names = revision.startsWith('refs/')
      ? [revision]
      : [`refs/heads/${revision}`, `refs/tags/${revision}`, `refs/${revision}`]
    for (const name of names) {
      const oid = await this.reference(name)
      if (oid !== undefined) return oid
    }
    // A leading dash or colon is no revision that an API user means; the first is an option to git.
    return /^[-:]/.test(revision) || this.#objects !== undefined
      ? undefined
      : this.#source.resolve(this.gitDir, revision)
  }

  object(oid: string): Promise<GitObject | undefined> {
    if (this.#objects !== undefined) return Promise.resolve(this.#objects().object(oid))
    return this.#source.object(this.gitDir, oid)
  }

  info(oid: string): Promise<ObjectInfo | undefined> {
    if (this.#objects !== undefined) return Promise.resolve(this.#objects().object(oid))
    return this.#source.info(this.gitDir, oid)
  }

  /** The commit that a revision names, through annotated tags. */
  async commit(revision: string): Promise<Commit | undefined> {
    let oid = await this.resolve(revision)
    for (let hop = 0; oid !== undefined && hop < LONGEST_TAG_CHAIN; hop += 1) {
      const info = await this.info(oid)
      if (info?.type !== 'commit' && info?.type !== 'tag') return undefined
      const object = await this.object(oid)
      if (object?.type === 'commit') return parseCommit(object)
      oid = object && targetOfTag(object.body)
    }
    return undefined
  }

  /** The tree that a revision names, itself or through its commit. */
  async treeOf(revision: string): Promise<string | undefined> {
    const oid = await this.resolve(revision)
    if (oid === undefined) return undefined
    const info = await this.info(oid)
    return info?.type === 'tree' ? oid : (await this.commit(oid))?.tree
  }

  /** The entries of a tree, in git's order; `undefined` if there is no such tree. */
  async entries(treeOid: string): Promise<TreeEntry[] | undefined> {
    const object = await this.object(treeOid)
    return object?.type === 'tree' ? parseTree(object.body) : undefined
  }

  /** The entry at a path below a tree. */
  async entryAt(treeOid: string, path: string): Promise<TreeEntry | undefined> {
    let found: TreeEntry | undefined
    for (const name of path.split('/')) {
      if (found !== undefined && found.type !== 'tree') return undefined
      const entries: TreeEntry[] | undefined = await this.entries(found?.oid ?? treeOid)
      found = entries?.find((entry) => entry.name === name)
      if (found === undefined) return undefined
    }
    return found
  }

  /** The sizes in bytes of blobs. */
  async sizes(oids: readonly string[]): Promise<Map<string, number>> {
    const wanted = [...new Set(oids)]
    const sizes = new Map<string, number>()
    for (let at = 0; at < wanted.length; at += INFO_BATCH) {
      const infos = await Promise.all(wanted.slice(at, at + INFO_BATCH).map((oid) => this.info(oid)))
      for (const info of infos) if (info !== undefined) sizes.set(info.oid, info.size)
    }
    return sizes
  }

  /** Every entry below a tree up to a limit, a folder before what it holds: the order of `git ls-tree -r -t`. */
  async list(treeOid: string, limit: number): Promise<{ entries: LocatedEntry[]; complete: boolean }> {
    const found: LocatedEntry[] = []
    const open = [{ prefix: '', rest: (await this.entries(treeOid))?.values() }]
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const entry = folder.rest?.next().value
      if (entry === undefined) {
        open.pop()
        continue
      }
      if (found.length >= limit) return { entries: found, complete: false }
      const path = `${folder.prefix}${entry.name}`
      found.push({ path, entry })
      if (entry.type === 'tree') open.push({ prefix: `${path}/`, rest: (await this.entries(entry.oid))?.values() })
    }
    return { entries: found, complete: true }
  }
}
