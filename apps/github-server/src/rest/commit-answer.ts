import { type Commit } from '../git/git-object.ts'
import { type GitRepository } from '../git/git-repository.ts'
import { type Answer, HttpError, jsonAnswer } from '../http/answer.ts'
import { accepts } from '../http/media-type.ts'
import { type Repository } from '../repository-registry.ts'
import { repositoryUrl } from './repository-answer.ts'
import { type RestRequest } from './rest-request.ts'

/** `GET /repos/{owner}/{repo}/commits/{ref}`: JSON, or by `application/vnd.github.sha` the sha alone, which is its own ETag. */
export async function commitAnswer(repository: Repository, request: RestRequest, reference: string): Promise<Answer> {
  await refuseEmpty(repository.git)
  const commit = await repository.git.commit(reference)
  if (commit === undefined) throw new HttpError(422, `No commit found for SHA: ${reference}`)
  if (!accepts(request.accept, 'sha')) return jsonAnswer(commitJson(commit, repository, request))
  return {
    status: 200,
    headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' },
    body: Buffer.from(commit.oid),
    entityTag: `"${commit.oid}"`,
  }
}

/** 409 when nothing was ever pushed to the default branch. */
export async function refuseEmpty(git: GitRepository): Promise<void> {
  if ((await git.head()) === undefined) throw new HttpError(409, 'Git Repository is empty.')
}

function commitJson(commit: Commit, repository: Repository, request: RestRequest): Record<string, unknown> {
  const url = repositoryUrl(repository, request)
  const home = `${request.serverUrl}/${repository.fullName}`
  const { oid, tree, parents, author, committer, message } = commit
  return {
    sha: oid,
    node_id: `C_${oid}`,
    commit: {
      author,
      committer,
      message,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      url: `${url}/git/commits/${oid}`,
      comment_count: 0,
    },
    url: `${url}/commits/${oid}`,
    html_url: `${home}/commit/${oid}`,
    author: null,
    committer: null,
    parents: parents.map((sha) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${home}/commit/${sha}` })),
  }
}
