/** What GitHub counts apart: REST requests, GraphQL points, and some kinds of REST requests of their own. */
export type RateBucket = 'core' | 'graphql' | 'search' | 'code_search' | 'dependency_sbom' | 'git'

/** How a bucket is spent. */
export interface RateBucketRule {
  /** Points that may go at once after a rest. */
  readonly burst: number
  /** Points a second after that: with the burst, never more in any minute than the bucket's limit. */
  readonly perSecond: number
  /** The share of the hourly limit to use at most. */
  readonly share: number
}

/**
 * GitHub's limits a minute are 900 points of REST, 2,000 of GraphQL, 30 searches, 10 code searches and about 100 SBOMs an
 * hour ("Rate limits for the REST API", docs.github.com, 2026-11); git reads about 15 times a second per repository. A part
 * is left over, for requests may bunch on their way.
 */
export const RATE_BUCKETS: Readonly<Record<RateBucket, RateBucketRule>> = {
  core: { burst: 100, perSecond: 12, share: 1 },
  graphql: { burst: 300, perSecond: 25, share: 1 },
  search: { burst: 3, perSecond: 0.4, share: 0.9 },
  code_search: { burst: 1, perSecond: 0.13, share: 0.9 },
  dependency_sbom: { burst: 10, perSecond: 0.5, share: 0.9 },
  git: { burst: 15, perSecond: 15, share: 1 },
}

/** The buckets by name. */
export const RATE_BUCKET_NAMES = Object.keys(RATE_BUCKETS) as readonly RateBucket[]

/** Whether GitHub's name of a resource (`x-ratelimit-resource`) is that of a bucket. */
export function isRateBucket(name: string | null): name is RateBucket {
  return name !== null && Object.hasOwn(RATE_BUCKETS, name)
}
