export { JIRA_TTLS, JiraCache, type JiraCacheOptions } from './jira-cache.ts'
export { SqliteCache } from './sqlite-cache.ts'
export type { SqliteCacheOptions } from './sqlite-cache-options.ts'
export { SqliteLease, type SqliteLeaseOptions } from './sqlite-lease.ts'
