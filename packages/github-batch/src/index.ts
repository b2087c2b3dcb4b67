export { BatchCoordinator, type BatchCoordinatorOptions, type ProcessFilesOptions } from './batch-coordinator.ts'
export { type BatchConfig, createBatchConfig } from './batch/batch-config.ts'
export { BatchErrorHandler, type BatchErrorHandlerOptions } from './batch/batch-error-handler.ts'
export type { BatchMetrics } from './batch/batch-metrics.ts'
export {
  BatchMetricsCollector,
  type BatchOperation,
  type BatchRecorder,
  type OperationSummary,
  type PerformanceSummary,
} from './batch/batch-metrics-collector.ts'
export type { BatchRecoveryPlan } from './batch/batch-recovery-plan.ts'
export type { BatchRequest } from './batch/batch-request.ts'
export type { BatchResult } from './batch/batch-result.ts'
export { BATCH_STRATEGIES, type BatchStrategy, isBatchStrategy } from './batch/batch-strategy.ts'
export { BatchStrategyManager, type BatchWork } from './batch/batch-strategy-manager.ts'
export type { CrossRepoBatch } from './batch/cross-repo-batch.ts'
export type { FailureKind } from './client/failure-kind.ts'
export type { KeptCounts } from './files/content-store.ts'
export type { FileContent } from './files/file-content.ts'
export type { RepositoryFiles } from './files/file-contents.ts'
export type { FileInfo } from './files/file-info.ts'
export { FileNotFoundError, isFileNotFoundError } from './files/file-not-found-error.ts'
export type { StreamFileOptions } from './files/large-file-stream.ts'
export type { NetworkConditions } from './client/network-conditions.ts'
export type { ListedRepository } from './client/owner-repositories.ts'
export {
  ParallelBatchProcessor,
  type ParallelBatchProcessorOptions,
  type ProcessBatchOptions,
} from './batch/parallel-batch-processor.ts'
export type { RemainingWork } from './batch/plan-chooser.ts'
export type { PrioritizedFile } from './batch/prioritized-file.ts'
export { ResourceManager, type ResourceManagerOptions } from './batch/resource-manager.ts'
export { type BatchPlan, type BatchSize, DEFAULT_BATCH_PLAN } from './batch/batch-plan.ts'
export { blobOid } from './files/blob-oid.ts'
export { GitHubClient } from './client/github-client.ts'
export {
  type CallLimits,
  type GitHubCallOptions,
  type GraphqlCallOptions,
  type MultipleFilesOptions,
} from './client/call-options.ts'
export { type GitHubClientOptions } from './client/github-client-options.ts'
export { type GraphqlAnswer, type GraphqlError } from './client/graphql-answer.ts'
export type { GitHubToken } from './client/request-headers.ts'
export { IncompleteBatchError, isIncompleteBatchError } from './batch/incomplete-batch-error.ts'
export { type Ioc } from './ioc/ioc.ts'
export { IocCatalog, type IocMatch, type IocRangeMatch } from './ioc/ioc-catalog.ts'
export { explainMatches } from './scan/explain-matches.ts'
export { type FileMatches, matchFile } from './scan/match-file.ts'
export { IocListError } from './ioc/ioc-list-error.ts'
export { parseIocList } from './ioc/ioc-list.ts'
export { type IocSource, type IocStream } from './ioc/ioc-source.ts'
export { RATE_BUCKET_NAMES, type RateBucket } from './budget/rate-bucket.ts'
export { type RateBucketStatus, type RateReservation, type RateReserveOptions } from './budget/rate-reservation.ts'
export { RateBudget } from './budget/rate-budget.ts'
export type { RateBudgetOptions, RateWait } from './budget/rate-budget-options.ts'
export type { RateGate } from './budget/rate-queue.ts'
export type { SharedRatesOptions } from './budget/shared-rates.ts'
export { type GitHubUsage, PointsSpentError, UsageMeter } from './client/usage-meter.ts'
export {
  createRepository,
  type Repository,
  type RepositoryHead,
  type RepositoryTraits,
  type SweptRepository,
} from './repository.ts'
export type { ScanEvent, ScanOptions, ScanProgress, ScanStatus } from './scan/scan-options.ts'
export type { ScanRecord } from './scan/scan-record.ts'
export type { ScanScope } from './sweep/scan-scope.ts'
export type { Finding, LedgerEntry, ResumableScanResult, ScanCost, ScanResult, Warning } from './scan/scan-result.ts'
export type { TreeEntry, TreeListing } from './discovery/tree-listing.ts'
export { StreamingBatchProcessor, type StreamingBatchProcessorOptions } from './batch/streaming-batch-processor.ts'
