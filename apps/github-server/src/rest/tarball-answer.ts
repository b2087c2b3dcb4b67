import { type Answer, notFound } from '../http/answer.ts'
import { type Repository } from '../repository-registry.ts'
import { refuseEmpty } from './commit-answer.ts'
import { type RestRequest } from './rest-request.ts'

/** `GET /repos/{owner}/{repo}/tarball/{ref}`: 302 to where the archive is streamed, outside the API's limits. */
export async function tarballAnswer(repository: Repository, request: RestRequest, ref: string): Promise<Answer> {
  await refuseEmpty(repository.git)
  const reference = ref === '' ? repository.record.defaultBranch : ref
  if ((await repository.git.commit(reference)) === undefined) throw notFound()
  const { owner, name } = repository.record
  const escaped = [owner, name, 'legacy.tar.gz', ...reference.split('/')].map(encodeURIComponent).join('/')
  const location = `${request.serverUrl}/codeload/${escaped}`
  return { status: 302, headers: { location, 'content-type': 'text/html; charset=utf-8' }, body: Buffer.alloc(0) }
}
