import { type Answer, HttpError, jsonAnswer } from '../http/answer.ts'
import { pageOf } from '../http/pagination.ts'
import { type Owner, type Repository } from '../repository-registry.ts'
import { type RestRequest } from './rest-request.ts'

/** `GET /orgs/{org}/repos` and `GET /users/{user}/repos`: `type` and `sort` are ignored. */
export function repositoriesAnswer(owner: Owner, request: RestRequest): Answer {
  const { caller, query, apiUrl, path, registry } = request
  const url = `${apiUrl}${path.split('?', 1)[0] ?? ''}`
  const { items, headers } = pageOf(registry.listed(owner, caller), query, url)
  return jsonAnswer(
    items.map((repository) => repositoryJson(repository, request)),
    headers,
  )
}

/** `GET /repos/{owner}/{repo}` */
export function repositoryAnswer(repository: Repository, request: RestRequest): Answer {
  return jsonAnswer(repositoryJson(repository, request))
}

/** The address of a repository in the API. */
export function repositoryUrl({ record }: Repository, { apiUrl }: RestRequest): string {
  return `${apiUrl}/repos/${encodeURIComponent(record.owner)}/${encodeURIComponent(record.name)}`
}

/** 301 from a former name, as GitHub does it: to the number, which never changes. */
export function movedAnswer(repository: Repository, rest: string, { apiUrl }: RestRequest): HttpError {
  const url = `${apiUrl}/repositories/${repository.id}${rest}`
  return new HttpError(301, 'Moved Permanently', { headers: { location: url }, details: { url } })
}

function repositoryJson(repository: Repository, request: RestRequest): Record<string, unknown> {
  const { record, id, fullName } = repository
  const url = repositoryUrl(repository, request)
  const home = `${request.serverUrl}/${fullName}`
  return {
    id,
    node_id: `R_${id}`,
    name: record.name,
    full_name: fullName,
    private: record.private,
    visibility: record.private ? 'private' : 'public',
    owner: ownerJson(request.registry.owner(record.owner), request),
    html_url: home,
    description: null,
    fork: record.fork,
    url,
    branches_url: `${url}/branches{/branch}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    commits_url: `${url}/commits{/sha}`,
    contents_url: `${url}/contents/{+path}`,
    archive_url: `${url}/{archive_format}{/ref}`,
    created_at: record.pushedAt,
    updated_at: record.pushedAt,
    pushed_at: record.pushedAt,
    clone_url: `${home}.git`,
    default_branch: record.defaultBranch,
    archived: record.archived,
    disabled: false,
    is_template: false,
    permissions: { admin: false, maintain: false, push: false, triage: false, pull: true },
  }
}

function ownerJson(owner: Owner | undefined, { apiUrl, serverUrl }: RestRequest): Record<string, unknown> | null {
  if (owner === undefined) return null
  const { login, id, type } = owner
  const url = `${apiUrl}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    type,
    node_id: `O_${id}`,
    url,
    html_url: `${serverUrl}/${login}`,
    repos_url: `${url}/repos`,
    site_admin: false,
  }
}
