import { posix } from 'node:path'

import { type TreeEntry } from '../git/git-object.ts'
import { type Answer, HttpError, jsonAnswer, notFound } from '../http/answer.ts'
import { accepts } from '../http/media-type.ts'
import { type Repository } from '../repository-registry.ts'
import { base64, rawAnswer, readBlob } from './blob-answer.ts'
import { repositoryUrl } from './repository-answer.ts'
import { type RestRequest } from './rest-request.ts'

/** Above this many bytes JSON holds no content. */
const LARGEST_INLINE_BYTES = 1024 * 1024
const LONGEST_FOLDER = 1000
const SYMBOLIC_LINK = '120000'

interface Place {
  readonly repository: Repository
  readonly request: RestRequest
  readonly reference: string
  /** Of the commit. */
  readonly tree: string
}

/**
 * `GET /repos/{owner}/{repo}/contents/{path}?ref=`: a file (JSON up to 1 MB, above that without its content; raw up to
 * 100 MB), a folder's first 1,000 entries, a submodule. A symbolic link to a file of the repository is that file.
 */
export async function contentsAnswer(repository: Repository, request: RestRequest, path: string): Promise<Answer> {
  if ((await repository.git.head()) === undefined) throw new HttpError(404, 'This repository is empty.')
  const reference = request.query.get('ref') ?? repository.record.defaultBranch
  const tree = (await repository.git.commit(reference))?.tree
  if (tree === undefined) throw new HttpError(404, `No commit found for the ref ${reference}`)
  const place = { repository, request, reference, tree }
  const wanted = path.replace(/^\/+|\/+$/g, '')
  if (wanted === '') return folderAnswer(place, '', tree)
  const entry = await repository.git.entryAt(tree, wanted)
  if (entry === undefined) throw notFound()
  if (entry.type === 'tree') return folderAnswer(place, wanted, entry.oid)
  if (entry.type === 'commit') return jsonAnswer({ type: 'submodule', size: 0, ...common(place, wanted, entry) })
  return fileAnswer(place, wanted, entry)
}

async function folderAnswer(place: Place, path: string, treeOid: string): Promise<Answer> {
  const { git } = place.repository
  const entries = ((await git.entries(treeOid)) ?? []).slice(0, LONGEST_FOLDER)
  const sizes = await git.sizes(entries.filter(({ type }) => type === 'blob').map(({ oid }) => oid))
  return jsonAnswer(
    entries.map((entry) => ({
      type: typeOf(entry),
      size: sizes.get(entry.oid) ?? 0,
      ...common(place, posix.join(path, entry.name), entry),
    })),
  )
}

async function fileAnswer(place: Place, path: string, entry: TreeEntry): Promise<Answer> {
  const target = entry.mode === SYMBOLIC_LINK ? await followed(place, path, entry) : entry
  const raw = accepts(place.request.accept, 'raw')
  if (target === undefined) {
    const link = await readBlob(place.repository.git, entry.oid)
    if (raw) return rawAnswer(link, entry.oid)
    const fields = { type: 'symlink', target: link.toString('utf8'), size: link.length }
    return jsonAnswer({ ...fields, ...common(place, path, entry) })
  }
  const body = await readBlob(place.repository.git, target.oid)
  if (raw) return rawAnswer(body, target.oid)
  const inline = body.length <= LARGEST_INLINE_BYTES
  return jsonAnswer({
    type: 'file',
    encoding: inline ? 'base64' : 'none',
    size: body.length,
    ...common(place, path, target),
    content: inline ? base64(body) : '',
  })
}

/** The file of this repository that a symbolic link leads to. */
async function followed({ repository, tree }: Place, path: string, entry: TreeEntry): Promise<TreeEntry | undefined> {
  const link = (await readBlob(repository.git, entry.oid)).toString('utf8')
  const target = posix.join(posix.dirname(path), link)
  if (link.startsWith('/') || target.startsWith('..')) return undefined
  const found = await repository.git.entryAt(tree, target)
  return found?.type === 'blob' && found.mode !== SYMBOLIC_LINK ? found : undefined
}

function common({ repository, request, reference }: Place, path: string, entry: TreeEntry): Record<string, unknown> {
  const base = repositoryUrl(repository, request)
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  const url = `${base}/contents/${escaped}?ref=${encodeURIComponent(reference)}`
  const git = entry.type === 'commit' ? null : `${base}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.oid}`
  return {
    name: posix.basename(path),
    path,
    sha: entry.oid,
    url,
    git_url: git,
    html_url: `${request.serverUrl}/${repository.fullName}/blob/${encodeURIComponent(reference)}/${escaped}`,
    download_url: null,
    _links: { self: url, git, html: null },
  }
}

/** In a listing GitHub calls a submodule a file. */
function typeOf({ type, mode }: TreeEntry): string {
  if (type === 'tree') return 'dir'
  return mode === SYMBOLIC_LINK ? 'symlink' : 'file'
}
