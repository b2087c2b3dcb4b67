/** What GitHub counts apart: REST requests, GraphQL points, and some kinds of REST requests of their own. */
export type RateBucket = 'core' | 'graphql' | 'search' | 'code_search' | 'dependency_sbom' | 'git'

/** How a bucket is spent. */
export interface RateBucketRule {
  /** Points that may go in any window, as fast as they are wanted. */
  readonly points: number
  /** How long a window is. */
  readonly windowMs: number
  /** The share of the hourly limit to use at most. */
  readonly share: number
}

/**
 * GitHub's limits a minute are 900 points of REST, 2,000 of GraphQL, 30 searches, 10 code searches and about 100 SBOMs an
 * hour ("Rate limits for the REST API", docs.github.com, 2026-11); git reads about 15 times a second per repository. A tenth
 * is left over, for requests may bunch on their way.
 */
export const RATE_BUCKETS: Readonly<Record<RateBucket, RateBucketRule>> = {
  core: { points: 810, windowMs: 60_000, share: 1 },
  graphql: { points: 1_800, windowMs: 60_000, share: 1 },
  search: { points: 27, windowMs: 60_000, share: 0.9 },
  code_search: { points: 9, windowMs: 60_000, share: 0.9 },
  dependency_sbom: { points: 40, windowMs: 60_000, share: 0.9 },
  git: { points: 15, windowMs: 1_000, share: 1 },
}

/** The buckets by name. */
export const RATE_BUCKET_NAMES = Object.keys(RATE_BUCKETS) as readonly RateBucket[]

/** Whether GitHub's name of a resource (`x-ratelimit-resource`) is that of a bucket. */
export function isRateBucket(name: string | null): name is RateBucket {
  return name !== null && Object.hasOwn(RATE_BUCKETS, name)
}
