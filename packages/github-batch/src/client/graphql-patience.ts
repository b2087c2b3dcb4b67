import { type GitHubClient } from './github-client.ts'
import { type GraphqlCallOptions } from './call-options.ts'

/** A limit of GraphQL is waited for so long before REST is asked instead. */
const SHORT_WAIT = '5s'
/** REST points that are left alone: only REST has the large files. */
const KEPT_POINTS = 500

/**
 * How a query for so many things is sent: without asking the same again where it was too much, and, while REST could do
 * its work, without waiting long for GraphQL's limit. So the two hourly budgets are spent side by side.
 */
export function graphqlPatience({ budget }: GitHubClient, things: number): GraphqlCallOptions {
  const { core } = budget.status
  const isFree = core.readyAt <= budget.now() && (core.remaining ?? 0) - things > KEPT_POINTS
  return isFree ? { retryServerErrors: false, maxWait: SHORT_WAIT } : { retryServerErrors: false }
}
