export { BatchCoordinator, type BatchCoordinatorOptions } from './batch-coordinator.ts'
export { type BatchPlan, type BatchSize, DEFAULT_BATCH_PLAN } from './batch-plan.ts'
export { blobOid } from './blob-oid.ts'
export {
  GitHubClient,
  type GitHubCallOptions,
  type GitHubClientOptions,
  type GraphqlCallOptions,
  type GraphqlAnswer,
  type GraphqlError,
  type TreeEntry,
  type TreeListing,
} from './github-client.ts'
export type { GitHubToken, GitHubUsage } from './github-transport.ts'
export { type Ioc, IocCatalog, type IocMatch } from './ioc-catalog.ts'
export { IocListError } from './ioc-list-error.ts'
export { parseIocList } from './ioc-list.ts'
export { type RateBucket, RateBudget, type RateBudgetOptions, type RateWait } from './rate-budget.ts'
export type { Repository, RepositoryHead, SweptRepository } from './repository.ts'
export type { ScanOptions, ScanProgress, ScanScope } from './scan-scope.ts'
export type { Finding, LedgerEntry, ScanCost, ScanResult, Warning } from './scan-result.ts'
