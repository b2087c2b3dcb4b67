import { type Answer, HttpError, notFound } from '../http/answer.ts'
import { type Operation } from '../operation.ts'
import { type Repository } from '../repository-registry.ts'
import { blobAnswer } from './blob-answer.ts'
import { commitAnswer } from './commit-answer.ts'
import { contentsAnswer } from './contents-answer.ts'
import { rateLimitAnswer } from './rate-limit-answer.ts'
import { movedAnswer, repositoriesAnswer, repositoryAnswer } from './repository-answer.ts'
import { type RestRequest } from './rest-request.ts'
import { tarballAnswer } from './tarball-answer.ts'
import { treeAnswer } from './tree-answer.ts'

/** What a path is for, and who answers it. */
export interface RestRoute {
  readonly operation: Operation
  /** REST points. */
  readonly points: 0 | 1
  readonly answer: (request: RestRequest) => Answer | Promise<Answer>
}

interface RepositoryRoute {
  readonly operation: Operation
  /** Of what follows `/repos/{owner}/{repo}`; its one group is the handler's argument. */
  readonly pattern: RegExp
  readonly answer: (repository: Repository, request: RestRequest, argument: string) => Answer | Promise<Answer>
}

const REPOSITORY = /^\/(?:repos\/(?<owner>[^/]+)\/(?<name>[^/]+)|repositories\/(?<id>\d+))(?<rest>\/.*)?$/
const REPOSITORY_ROUTES: readonly RepositoryRoute[] = [
  { operation: 'repository', pattern: /^()$/, answer: repositoryAnswer },
  { operation: 'commit', pattern: /^\/commits\/(.+)$/, answer: commitAnswer },
  { operation: 'tree', pattern: /^\/git\/trees\/(.+)$/, answer: treeAnswer },
  { operation: 'blob', pattern: /^\/git\/blobs\/(.+)$/, answer: blobAnswer },
  { operation: 'contents', pattern: /^\/contents(|\/.*)$/, answer: contentsAnswer },
  { operation: 'tarball', pattern: /^\/tarball\/?(.*)$/, answer: tarballAnswer },
]
const OWNER = /^\/(?<kind>orgs|users)\/(?<login>[^/]+)\/repos$/

/** The route of a path, which has no `/api/v3`; where there is none, one that answers 404 and costs a point as any other. */
export function restRouteOf(method: string, pathname: string): RestRoute {
  const other: RestRoute = {
    operation: 'other',
    points: 1,
    answer: () => {
      throw notFound()
    },
  }
  if (method !== 'GET' && method !== 'HEAD') return other
  if (pathname === '/rate_limit') return { operation: 'rate_limit', points: 0, answer: rateLimitAnswer }
  return ownerRoute(pathname) ?? repositoryRoute(pathname) ?? other
}

function ownerRoute(pathname: string): RestRoute | undefined {
  const { kind, login = '' } = OWNER.exec(pathname)?.groups ?? {}
  if (kind === undefined) return undefined
  return {
    operation: 'repositories',
    points: 1,
    answer: (request) => {
      const owner = request.registry.owner(decoded(login))
      // `/users/` lists an organisation's repositories too.
      if (owner === undefined || (kind === 'orgs' && owner.type !== 'Organization')) throw notFound()
      return repositoriesAnswer(owner, request)
    },
  }
}

function repositoryRoute(pathname: string): RestRoute | undefined {
  const groups = REPOSITORY.exec(pathname)?.groups
  if (groups === undefined) return undefined
  const rest = groups['rest'] ?? ''
  for (const { operation, pattern, answer } of REPOSITORY_ROUTES) {
    const argument = pattern.exec(rest)?.[1]
    if (argument === undefined) continue
    return {
      operation,
      points: 1,
      answer: (request) => answer(repositoryOf(groups, request), request, decoded(argument)),
    }
  }
  return undefined
}

function repositoryOf(groups: Readonly<Record<string, string | undefined>>, request: RestRequest): Repository {
  const { owner = '', name = '', id } = groups
  const { registry, caller, path } = request
  const fullName = `${decoded(owner)}/${decoded(name)}`
  const found = id === undefined ? registry.find(fullName, caller) : registry.findById(Number(id), caller)
  if (found !== undefined) return found
  const moved = registry.findMoved(fullName, caller)
  if (moved === undefined) throw notFound()
  throw movedAnswer(moved, path.slice(`/repos/${owner}/${name}`.length), request)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new HttpError(400, `The path has a malformed escape: ${text}`)
  }
}
