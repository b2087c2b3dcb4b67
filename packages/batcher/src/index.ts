export { type BatchFetchIssuesOptions, batchFetchIssues, type IssueFailure } from './batch-fetch-issues.ts'
export {
  type BatchOperation,
  BatchProcessor,
  type BatchProcessorOptions,
  type CloseOptions,
} from './batch-processor.ts'
export type { BatchFailure, BatchResult, BatchSuccess } from './batch-result.ts'
export type { RequestBatcherOptions } from './batch-workers.ts'
export { createHttpClient, type HttpClientOptions } from './create-http-client.ts'
export type { AdaptiveOptions } from './gradient-limit.ts'
export type { HttpAuth } from './http-auth.ts'
export { HTTP_METHODS, type HttpClient, type HttpMethod, type HttpRequest, type HttpResponse } from './http-client.ts'
export { createJiraClient, type JiraClientOptions, type JiraIssue } from './jira-client.ts'
export { Limiter, type LimiterOptions, type LimiterRunOptions } from './limiter.ts'
export { type BatchFunction, createLoader, type Loader, type LoaderOptions } from './loader.ts'
export type { RateOptions } from './rate-window.ts'
export { type ExecuteOptions, RequestBatcher } from './request-batcher.ts'
export type { RetryOptions } from './retry-policy.ts'
export { type SearchIssuesOptions, searchIssues } from './search-issues.ts'
export type { OnProgress } from './tell-progress.ts'
