import { type BoundedMap } from '../bounded-map.ts'
import { type Caller } from '../caller.ts'
import { type RateLimiter } from '../rate-limiter.ts'
import { type RepositoryRegistry } from '../repository-registry.ts'

/** Where recursive trees are cut. */
export interface TreeLimits {
  readonly entries: number
  /** Bytes of JSON. */
  readonly bytes: number
}

/** A REST request as its handler sees it. */
export interface RestRequest {
  readonly registry: RepositoryRegistry
  readonly limiter: RateLimiter
  readonly caller: Caller
  readonly query: URLSearchParams
  /** The header. */
  readonly accept: string | undefined
  /** Path and query, without `/api/v3`. */
  readonly path: string
  readonly serverUrl: string
  /** The server's URL, with `/api/v3` if the request had it: what links in answers start with. */
  readonly apiUrl: string
  readonly treeLimits: TreeLimits
  /** Bodies that follow from an object id. */
  readonly rendered: BoundedMap<Buffer>
}
