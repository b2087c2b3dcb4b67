export { BatchCoordinator, type BatchCoordinatorOptions, type ProcessFilesOptions } from './batch-coordinator.ts'
export { type BatchConfig, createBatchConfig } from './batch-config.ts'
export { BatchErrorHandler, type BatchErrorHandlerOptions } from './batch-error-handler.ts'
export type { BatchMetrics } from './batch-metrics.ts'
export {
  BatchMetricsCollector,
  type BatchOperation,
  type BatchRecorder,
  type OperationSummary,
  type PerformanceSummary,
} from './batch-metrics-collector.ts'
export type { BatchRecoveryPlan } from './batch-recovery-plan.ts'
export type { BatchRequest } from './batch-request.ts'
export type { BatchResult } from './batch-result.ts'
export { BATCH_STRATEGIES, type BatchStrategy, isBatchStrategy } from './batch-strategy.ts'
export { BatchStrategyManager, type BatchWork } from './batch-strategy-manager.ts'
export type { CrossRepoBatch } from './cross-repo-batch.ts'
export type { FailureKind } from './failure-kind.ts'
export type { FileContent } from './file-content.ts'
export type { RepositoryFiles } from './file-contents.ts'
export type { FileInfo } from './file-info.ts'
export { FileNotFoundError, isFileNotFoundError } from './file-not-found-error.ts'
export type { StreamFileOptions } from './large-file-stream.ts'
export type { NetworkConditions } from './network-conditions.ts'
export type { ListedRepository } from './owner-repositories.ts'
export {
  ParallelBatchProcessor,
  type ParallelBatchProcessorOptions,
  type ProcessBatchOptions,
} from './parallel-batch-processor.ts'
export type { RemainingWork } from './plan-chooser.ts'
export type { PrioritizedFile } from './prioritized-file.ts'
export { ResourceManager, type ResourceManagerOptions } from './resource-manager.ts'
export { type BatchPlan, type BatchSize, DEFAULT_BATCH_PLAN } from './batch-plan.ts'
export { blobOid } from './blob-oid.ts'
export {
  GitHubClient,
  type CallLimits,
  type GitHubCallOptions,
  type GitHubClientOptions,
  type GraphqlCallOptions,
  type GraphqlAnswer,
  type GraphqlError,
  type MultipleFilesOptions,
} from './github-client.ts'
export type { GitHubToken } from './github-transport.ts'
export { IncompleteBatchError, isIncompleteBatchError } from './incomplete-batch-error.ts'
export { type Ioc } from './ioc.ts'
export { IocCatalog, type IocMatch, type IocRangeMatch } from './ioc-catalog.ts'
export { type FileMatches, matchFile } from './match-file.ts'
export { IocListError } from './ioc-list-error.ts'
export { parseIocList } from './ioc-list.ts'
export { type IocSource, type IocStream } from './ioc-source.ts'
export { RATE_BUCKET_NAMES, type RateBucket } from './rate-bucket.ts'
export { type RateBucketStatus, RateBudget, type RateReservation, type RateReserveOptions } from './rate-budget.ts'
export type { RateBudgetOptions, RateWait } from './rate-budget-options.ts'
export type { RateGate } from './rate-queue.ts'
export type { SharedRatesOptions } from './shared-rates.ts'
export { type GitHubUsage, PointsSpentError, UsageMeter } from './usage-meter.ts'
export {
  createRepository,
  type Repository,
  type RepositoryHead,
  type RepositoryTraits,
  type SweptRepository,
} from './repository.ts'
export type { ScanEvent, ScanOptions, ScanProgress, ScanStatus } from './scan-options.ts'
export type { ScanRecord } from './scan-record.ts'
export type { ScanScope } from './scan-scope.ts'
export type { Finding, LedgerEntry, ResumableScanResult, ScanCost, ScanResult, Warning } from './scan-result.ts'
export type { TreeEntry, TreeListing } from './tree-listing.ts'
export { StreamingBatchProcessor, type StreamingBatchProcessorOptions } from './streaming-batch-processor.ts'
