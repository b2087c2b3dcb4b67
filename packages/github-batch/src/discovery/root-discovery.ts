import { GitHubAPIError } from '@x/core'
import { isDependencyFile } from '@x/lockfiles'

import { type GitHubClient } from '../client/github-client.ts'
import {
  byPath,
  discoverDependencyFiles,
  type Discovery,
  SYMBOLIC_LINK,
  type TreeQuestion,
} from './dependency-discovery.ts'
import { type KnownTree } from './tree-discoverer.ts'
import { mayHoldDependencyFiles } from './tree-query.ts'

/** The dependency files at the root of a tree, where what is known of the tree tells them for certain. */
export function rootDiscovery(known: KnownTree): Discovery | undefined {
  if ('discovery' in known) {
    const { files, gaps } = known.discovery
    return { files: files.filter(isAtRoot), gaps: gaps.filter(isAtRoot) }
  }
  const { files, linked, open } = known.partial
  // What a link leads to may be anywhere in the tree.
  if (linked || open.some(({ path }) => path === '')) return undefined
  return { files: files.filter(isAtRoot).sort(byPath), gaps: [] }
}

/**
 * Lists the root of a tree by REST, and the whole tree where a dependency file at its root is a symbolic link.
 *
 * @throws GitHubAPIError, NetworkError or RateLimitError when it cannot be read.
 */
export async function discoverRoot(client: GitHubClient, question: TreeQuestion): Promise<KnownTree> {
  const { repository, tree, ...call } = question
  const { entries, truncated } = await client.getTree(repository, tree, call)
  if (truncated) throw new GitHubAPIError(`${repository.fullName}: GitHub does not list all of the root folder`, 200)
  const wanted = entries.filter(({ type, path }) => type === 'blob' && isDependencyFile(path))
  if (wanted.some(({ mode }) => mode === SYMBOLIC_LINK)) return discoverDependencyFiles(client, question)
  const files = wanted.map(({ path, sha, size = 0 }) => ({ path, oid: sha, size })).sort(byPath)
  const open = entries
    .filter(({ type, path }) => type === 'tree' && mayHoldDependencyFiles(`${path}/`))
    .map(({ path, sha }) => ({ path: `${path}/`, oid: sha }))
  return open.length === 0 ? { discovery: { files, gaps: [] } } : { partial: { files, linked: false, open } }
}

function isAtRoot({ path }: { readonly path: string }): boolean {
  return !path.includes('/')
}
