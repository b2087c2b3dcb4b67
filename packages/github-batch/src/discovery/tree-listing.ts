import { GitHubAPIError } from '@x/core'

import { type TreeAnswer } from '../client/rest-answers.ts'
import { isHashable, isTreeOf, type TreeItem } from './tree-oid.ts'

/** An entry of a tree. */
export interface TreeEntry {
  /** Relative to the tree that was asked for. */
  readonly path: string
  /** As git writes it: `120000` is a symbolic link. */
  readonly mode: string
  /** A file, a folder, or a submodule. */
  readonly type: 'blob' | 'tree' | 'commit'
  /** The object id. */
  readonly sha: string
  /** Bytes, of a file. */
  readonly size?: number | undefined
}

/** A tree as GitHub lists it. */
export interface TreeListing {
  /** The entries, in git's order. */
  readonly entries: readonly TreeEntry[]
  /** Whether GitHub left some out: above 100,000 entries or 7 MB. */
  readonly truncated: boolean
}

/** @throws GitHubAPIError for an answer that is no tree. */
export function readTreeListing({ tree, truncated }: TreeAnswer, url: string): TreeListing {
  if (!Array.isArray(tree) || typeof truncated !== 'boolean') throw new GitHubAPIError(`GET ${url}: not a tree`, 200)
  return {
    entries: tree.map(({ path, mode, sha, size }) => ({ path, mode, type: typeOf(mode), sha, size })),
    truncated,
  }
}

function typeOf(mode: string): TreeEntry['type'] {
  const kind = Number.parseInt(mode, 8)
  if (kind === 0o040000) return 'tree'
  return kind === 0o160000 ? 'commit' : 'blob'
}

/**
 * Whether a listing has all entries of a tree, and no other: each folder in it is hashed. A folder with a name that is
 * no UTF-8 cannot be, and passes.
 */
export function isListingOf(oid: string, entries: readonly TreeEntry[], recursive: boolean): boolean {
  const folders = new Map<string, TreeItem[]>([['', []]])
  const oids = new Map([['', oid]])
  for (const { path, mode, type, sha } of entries) {
    const slash = path.lastIndexOf('/')
    const parent = folders.get(path.slice(0, Math.max(0, slash)))
    if (parent === undefined) return false
    parent.push({ name: path.slice(slash + 1), mode, oid: sha })
    if (type === 'tree' && recursive) {
      folders.set(path, [])
      oids.set(path, sha)
    }
  }
  return [...folders].every(([path, items]) => !isHashable(items) || isTreeOf(oids.get(path) ?? '', items))
}
