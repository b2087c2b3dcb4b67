import { type IncomingMessage } from 'node:http'

import { type Caller } from '../caller.ts'
import { HttpError, notFound } from '../http/answer.ts'
import { type Operation } from '../operation.ts'
import { type Repository, type RepositoryRegistry } from '../repository-registry.ts'
import { streamArchive } from './archive.ts'
import { runHttpBackend } from './http-backend.ts'
import { type StreamedAnswer } from './streamed-answer.ts'

const SMART_HTTP =
  /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/(?<rest>info\/refs|git-upload-pack|git-receive-pack)$/
const ARCHIVE = /^\/codeload\/(?<owner>[^/]+)\/(?<name>[^/]+)\/legacy\.tar\.gz\/(?<rest>.+)$/

/** A request that git answers itself, outside the API and its limits. */
export interface GitRoute {
  readonly operation: Operation
  readonly answer: (request: GitRequest) => Promise<StreamedAnswer>
}

export interface GitRequest {
  readonly request: IncomingMessage
  readonly registry: RepositoryRegistry
  readonly caller: Caller
  /** Without the question mark. */
  readonly search: string
}

/** The route of a path that is a clone or fetch, or the bytes of an archive. */
export function gitRouteOf(pathname: string): GitRoute | undefined {
  const smart = SMART_HTTP.exec(pathname)?.groups
  if (smart !== undefined) return { operation: 'git', answer: (request) => smartAnswer(smart, request) }
  const archive = ARCHIVE.exec(pathname)?.groups
  if (archive === undefined) return undefined
  return { operation: 'tarball', answer: (request) => archiveAnswer(archive, request) }
}

/** 401 that makes git send the credentials of its URL or its helper. */
export function gitUnauthorized(): HttpError {
  return new HttpError(401, 'Repository not found.', { headers: { 'www-authenticate': 'Basic realm="GitHub"' } })
}

type Groups = Readonly<Record<string, string>>

async function smartAnswer(groups: Groups, asked: GitRequest): Promise<StreamedAnswer> {
  const { rest: path = '' } = groups
  const { request, search, caller } = asked
  if (path === 'git-receive-pack' || search.includes('git-receive-pack')) {
    throw new HttpError(403, 'This server is read-only: nothing can be pushed.')
  }
  const repository = repositoryOf(groups, asked)
  // As on GitHub, the nameless are asked who they are before they learn that there is nothing.
  if (repository === undefined) throw caller.token === '' ? gitUnauthorized() : notFound()
  return runHttpBackend({ request, gitDir: repository.record.gitDir, path, search })
}

async function archiveAnswer(groups: Groups, asked: GitRequest): Promise<StreamedAnswer> {
  const repository = repositoryOf(groups, asked)
  const commit = await repository?.git.commit(decodeURIComponent(groups['rest'] ?? ''))
  if (repository === undefined || commit === undefined) throw notFound()
  const { gitDir, owner, name } = repository.record
  return streamArchive(gitDir, commit.oid, `${owner}-${name}-${commit.oid.slice(0, 7)}`)
}

function repositoryOf({ owner = '', name = '' }: Groups, { registry, caller }: GitRequest): Repository | undefined {
  const fullName = `${decodeURIComponent(owner)}/${decodeURIComponent(name)}`
  const repository = registry.find(fullName, caller) ?? registry.findMoved(fullName, caller)
  // Git itself can only read a folder.
  return repository?.record.objects === undefined ? repository : undefined
}
