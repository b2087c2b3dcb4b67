import { posix } from 'node:path'

import { GitHubAPIError } from '@x/core'
import { isDependencyFile } from '@x/lockfiles'

import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type Repository } from '../repository.ts'
import { settleAll } from '../parallel/settle-all.ts'
import { type TreeEntry } from './tree-listing.ts'

/** A dependency file of a tree. */
export interface DependencyFile {
  /** From the root of the repository. */
  readonly path: string
  /** The object id of its content. */
  readonly oid: string
  /** Bytes. */
  readonly size: number
}

/** A file of which only the name could be read. */
export interface DiscoveryGap {
  /** From the root of the repository. */
  readonly path: string
  /** Why. */
  readonly why: string
}

/** The dependency files of a tree: all of them, or each missing one named. */
export interface Discovery {
  /** In the order of their paths. */
  readonly files: readonly DependencyFile[]
  /** Symbolic links that lead nowhere in this tree. */
  readonly gaps: readonly DiscoveryGap[]
}

/** A tree to search. */
export interface TreeQuestion extends GitHubCallOptions {
  /** Asked for it. */
  readonly repository: Repository
  /** Its object id. */
  readonly tree: string
}

/** Which files of a tree are looked for. */
export interface FileSearch {
  /** Whether a path is. */
  readonly wants: (path: string) => boolean
  /** Whether one may lie below a folder, whose path ends in a slash: others need not be listed. */
  readonly enters: (folder: string) => boolean
}

/** The mode of a symbolic link. */
export const SYMBOLIC_LINK = '120000'
/** Links that lead to links: more than this is a circle. */
const MOST_LINKS = 8

/**
 * Finds the dependency files below a tree by REST, as `findFiles` does.
 *
 * @throws GitHubAPIError, NetworkError or RateLimitError when a part of the tree cannot be read.
 */
export async function discoverDependencyFiles(
  client: GitHubClient,
  question: TreeQuestion,
): Promise<{ readonly discovery: Discovery }> {
  return { discovery: await findFiles(client, question, { wants: isDependencyFile, enters: () => true }) }
}

/**
 * Finds files below a tree by REST. A listing that GitHub cut short is thrown away and its folders are listed one by one,
 * down to where each listing is whole. A symbolic link counts as the file that it leads to.
 *
 * @throws GitHubAPIError, NetworkError or RateLimitError when a part of the tree cannot be read.
 */
export async function findFiles(client: GitHubClient, question: TreeQuestion, search: FileSearch): Promise<Discovery> {
  const entries = await listWhole(client, question, { prefix: '', enters: search.enters })
  const files: DependencyFile[] = []
  const gaps: DiscoveryGap[] = []
  for (const entry of entries) {
    if (entry.type !== 'blob' || !search.wants(entry.path)) continue
    const target = entry.mode === SYMBOLIC_LINK ? await followLink(client, question, { entry, entries }) : entry
    if (typeof target === 'string') gaps.push({ path: entry.path, why: target })
    else files.push({ path: entry.path, oid: target.sha, size: target.size ?? 0 })
  }
  return { files: files.sort(byPath), gaps }
}

/** Orders files by their paths. */
export function byPath(a: DependencyFile, b: DependencyFile): number {
  return a.path < b.path ? -1 : 1
}

async function listWhole(
  client: GitHubClient,
  question: TreeQuestion,
  { prefix, enters }: { readonly prefix: string; readonly enters: FileSearch['enters'] },
): Promise<TreeEntry[]> {
  const { repository, tree, ...call } = question
  const everything = await client.getTree(repository, tree, { ...call, recursive: true })
  if (!everything.truncated) return withPrefix(everything.entries, prefix)
  const folder = await client.getTree(repository, tree, call)
  if (folder.truncated) {
    throw new GitHubAPIError(`${repository.fullName}: GitHub does not list all of the folder /${prefix}`, 200)
  }
  const below = await settleAll(
    folder.entries
      .filter(({ type, path }) => type === 'tree' && enters(`${prefix}${path}/`))
      .map(({ sha, path }) => listWhole(client, { ...question, tree: sha }, { prefix: `${prefix}${path}/`, enters })),
  )
  return [...withPrefix(folder.entries, prefix), ...below.flat()]
}

function withPrefix(entries: readonly TreeEntry[], prefix: string): TreeEntry[] {
  return entries.map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }))
}

/** The entry at the end of a link, or why there is none. */
async function followLink(
  client: GitHubClient,
  question: TreeQuestion,
  { entry, entries }: { entry: TreeEntry; entries: readonly TreeEntry[] },
): Promise<TreeEntry | string> {
  const { repository, ...call } = question
  let current = entry
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const target = new TextDecoder().decode(await client.getBlob(repository, current.sha, call))
    const path = posix.normalize(posix.join(posix.dirname(current.path), target))
    const found = entries.find((candidate) => candidate.path === path)
    if (posix.isAbsolute(target) || found?.type !== 'blob')
      return `a symbolic link to ${target}, which is no file of this repository`
    if (found.mode !== SYMBOLIC_LINK) return found
    current = found
  }
  return 'a symbolic link that leads in a circle'
}
