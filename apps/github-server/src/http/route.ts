import { gitRouteOf, type GitRoute } from '../git/git-route.ts'
import { type Operation } from '../operation.ts'
import { restRouteOf, type RestRoute } from '../rest/rest-route.ts'

const ENTERPRISE_PREFIX = '/api/v3'

/** What a request is for. */
export type Route =
  | { readonly kind: 'graphql'; readonly operation: Operation; readonly bucket: 'graphql' }
  | {
      readonly kind: 'rest'
      readonly operation: Operation
      readonly bucket: 'core'
      readonly rest: RestRoute
      /** `/api/v3` or nothing. */
      readonly prefix: string
    }
  | { readonly kind: 'git'; readonly operation: Operation; readonly bucket: 'none'; readonly git: GitRoute }

/** Routes by method and path: the API as on GitHub.com and, under `/api`, as on GitHub Enterprise. */
export function routeOf(method: string, pathname: string, { graphql }: { readonly graphql: boolean }): Route {
  if (graphql && method === 'POST' && (pathname === '/graphql' || pathname === '/api/graphql')) {
    return { kind: 'graphql', operation: 'graphql', bucket: 'graphql' }
  }
  const prefix = pathname.startsWith(`${ENTERPRISE_PREFIX}/`) ? ENTERPRISE_PREFIX : ''
  const rest = restRouteOf(method, pathname.slice(prefix.length))
  const git = rest.operation === 'other' ? gitRouteOf(pathname) : undefined
  if (git !== undefined) return { kind: 'git', operation: git.operation, bucket: 'none', git }
  return { kind: 'rest', operation: rest.operation, bucket: 'core', rest, prefix }
}
