import { isOid } from '../git/git-object.ts'
import { type GitRepository } from '../git/git-repository.ts'
import { type Answer, HttpError, jsonAnswer, notFound } from '../http/answer.ts'
import { accepts } from '../http/media-type.ts'
import { type Repository } from '../repository-registry.ts'
import { repositoryUrl } from './repository-answer.ts'
import { type RestRequest } from './rest-request.ts'

const LARGEST_BYTES = 100 * 1024 * 1024
const BASE64_LINE = /.{60}/g

/** `GET /repos/{owner}/{repo}/git/blobs/{sha}`: JSON with base64, or by `application/vnd.github.raw` the bytes. */
export async function blobAnswer(repository: Repository, request: RestRequest, sha: string): Promise<Answer> {
  if (!isOid(sha)) {
    throw new HttpError(422, 'The sha parameter must be exactly 40 characters and contain only [0-9a-f].')
  }
  const body = await readBlob(repository.git, sha)
  if (accepts(request.accept, 'raw')) return rawAnswer(body, sha)
  const url = `${repositoryUrl(repository, request)}/git/blobs/${sha}`
  return {
    ...jsonAnswer({ sha, node_id: `B_${sha}`, size: body.length, url, content: base64(body), encoding: 'base64' }),
    identity: `blob ${url}`,
  }
}

/** A blob's bytes: 404 if there is none, 403 above 100 MB. */
export async function readBlob(git: GitRepository, oid: string): Promise<Buffer> {
  const info = await git.info(oid)
  if (info?.type !== 'blob') throw notFound()
  if (info.size > LARGEST_BYTES) {
    throw new HttpError(403, 'This API returns blobs up to 100 MB in size. The requested blob is too large to fetch.', {
      details: { errors: [{ resource: 'Blob', field: 'data', code: 'too_large' }] },
    })
  }
  const object = await git.object(oid)
  if (object === undefined) throw notFound()
  return object.body
}

export function rawAnswer(body: Buffer, oid: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    body,
    identity: `raw ${oid}`,
  }
}

/** Base64 in lines of 60 characters, each ended, as GitHub writes it. */
export function base64(body: Buffer): string {
  const lines = body.toString('base64').replace(BASE64_LINE, '$&\n')
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`
}
