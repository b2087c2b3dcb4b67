import { type LocatedEntry } from '../git/git-repository.ts'
import { type Answer, notFound } from '../http/answer.ts'
import { type Repository } from '../repository-registry.ts'
import { refuseEmpty } from './commit-answer.ts'
import { repositoryUrl } from './repository-answer.ts'
import { type RestRequest } from './rest-request.ts'

const KIND = { blob: 'blobs', tree: 'trees', commit: 'commits' } as const

interface Listing {
  readonly entries: readonly LocatedEntry[]
  readonly complete: boolean
}

/**
 * `GET /repos/{owner}/{repo}/git/trees/{sha}`: of a tree, a commit, a branch or a tag. Any `recursive` parameter, even
 * `0`, asks for everything below, cut at the limits in git's order and then marked `truncated`.
 */
export async function treeAnswer(repository: Repository, request: RestRequest, sha: string): Promise<Answer> {
  await refuseEmpty(repository.git)
  const oid = await repository.git.treeOf(sha)
  if (oid === undefined) throw notFound()
  const recursive = request.query.has('recursive')
  const limit = recursive ? (repository.record.treeEntryLimit ?? request.treeLimits.entries) : Infinity
  const identity = `tree ${repositoryUrl(repository, request)} ${oid} ${recursive ? 'deep' : 'flat'} ${limit}`
  const body = request.rendered.get(identity) ?? (await render({ repository, request, oid, recursive, limit }))
  request.rendered.set(identity, body)
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body, identity }
}

async function render(job: {
  readonly repository: Repository
  readonly request: RestRequest
  readonly oid: string
  readonly recursive: boolean
  readonly limit: number
}): Promise<Buffer> {
  const { repository, request, oid, recursive, limit } = job
  const { git } = repository
  const url = repositoryUrl(repository, request)
  const listing: Listing = recursive ? await git.list(oid, limit) : await flat(repository, oid)
  const blobs = listing.entries.filter(({ entry }) => entry.type === 'blob')
  const sizes = await git.sizes(blobs.map(({ entry }) => entry.oid))
  const parts: string[] = []
  let bytes = 0
  let complete = listing.complete
  for (const { path, entry } of listing.entries) {
    const part = JSON.stringify({
      path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.oid,
      ...(entry.type === 'blob' ? { size: sizes.get(entry.oid) } : {}),
      ...(entry.type === 'commit' ? {} : { url: `${url}/git/${KIND[entry.type]}/${entry.oid}` }),
    })
    bytes += Buffer.byteLength(part) + 1
    if (recursive && bytes > request.treeLimits.bytes) {
      complete = false
      break
    }
    parts.push(part)
  }
  const head = JSON.stringify({ sha: oid, url: `${url}/git/trees/${oid}` }).slice(0, -1)
  return Buffer.from(`${head},"tree":[${parts.join(',')}],"truncated":${String(!complete)}}`)
}

async function flat({ git }: Repository, oid: string): Promise<Listing> {
  const entries = (await git.entries(oid)) ?? []
  return { entries: entries.map((entry) => ({ path: entry.name, entry })), complete: true }
}
