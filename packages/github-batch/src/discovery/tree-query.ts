import { isDependencyFile } from '@x/lockfiles'

import { type DependencyFile } from './dependency-discovery.ts'
import { type GraphqlQuestion, repositoryAliases } from '../client/graphql-question.ts'
import { type Repository } from '../repository.ts'
import { isTreeOf } from './tree-oid.ts'

/** A folder of which only the object id is known. */
export interface OpenFolder {
  /** From the root of the repository, with a final slash; empty for the root. */
  readonly path: string
  /** The tree's object id. */
  readonly oid: string
}

/** A folder to list, and a repository that has it. */
export interface FolderQuestion {
  /** Asked for it. */
  readonly repository: Repository
  /** What to list. */
  readonly folder: OpenFolder
}

/** What is below a folder, as far as one answer reaches. */
export interface FolderListing {
  /** The dependency files, but for symbolic links. */
  readonly files: readonly DependencyFile[]
  /** Whether a dependency file is a symbolic link: what it leads to may be anywhere in the tree. */
  readonly linked: boolean
  /** What lies deeper. */
  readonly open: readonly OpenFolder[]
}

/** An answer's part for one folder. */
export interface TreeNode {
  /** In git's order; absent where the object is no tree. */
  readonly entries?: readonly TreeEntryNode[] | null
}

interface TreeEntryNode {
  readonly name: string
  readonly mode: number
  readonly oid: string
  readonly size: number
  readonly object?: TreeNode | null
}

const FOLDER = 0o040000
const LINK = 0o120000
const SUBMODULE = 0o160000

/** Asks for several folders in one query, each with so many levels below: one point, for a tree's entries are no connection. */
export function treeQuestion(questions: readonly FolderQuestion[], depth: number): GraphqlQuestion {
  return repositoryAliases(
    questions.map(({ repository, folder }) => ({ repository, oid: folder.oid })),
    `... on Tree { ${entriesField(depth)} }`,
  )
}

function entriesField(depth: number): string {
  const below = depth > 1 ? ` object { ... on Tree { ${entriesField(depth - 1)} } }` : ''
  return `entries { name mode oid size${below} }`
}

/**
 * What an answer says about a folder; every folder in it is hashed, and `undefined` is the answer where one is not whole.
 */
export function readFolder({ path, oid }: OpenFolder, node: TreeNode | null | undefined): FolderListing | undefined {
  const found: Found = { files: [], linked: false, open: [] }
  return node?.entries != null && addEntries(found, { path, oid }, node.entries) ? found : undefined
}

interface Found {
  readonly files: DependencyFile[]
  linked: boolean
  readonly open: OpenFolder[]
}

function addEntries(found: Found, folder: OpenFolder, entries: readonly TreeEntryNode[]): boolean {
  const items = entries.map(({ name, mode, oid }) => ({ name, mode: mode.toString(8), oid }))
  if (!isTreeOf(folder.oid, items)) return false
  for (const { name, mode, oid, size, object } of entries) {
    const path = `${folder.path}${name}`
    if (mode === FOLDER) {
      const below = { path: `${path}/`, oid }
      if (object?.entries == null) {
        if (mayHoldDependencyFiles(below.path)) found.open.push(below)
      } else if (!addEntries(found, below, object.entries)) return false
    } else if (mode !== SUBMODULE && isDependencyFile(path)) {
      if (mode === LINK) found.linked = true
      else found.files.push({ path, oid, size })
    }
  }
  return true
}

/** Whether a folder is worth listing, by its path with a final slash. What lies in a package of `node_modules` belongs to somebody else. */
export function mayHoldDependencyFiles(folder: string): boolean {
  return !/(^|\/)node_modules\/./.test(folder)
}
