import { BatchCoordinator, GitHubClient, type ScanRecord } from '@x/github-batch'

import { answeringRedis } from '../../cache/browse-cache.ts'
import { openCache } from '../../cache/open-cache.ts'
import { isRedisPlace } from '../../cache/redis-place.ts'
import { scanCachePurpose } from '../../cache/scan-cache.ts'
import { UsageError } from '../../cli/program-error.ts'
import { type ScanFormat } from '../../formats/scan-format-names.ts'
import { columnsText } from '../../output/columns-text.ts'
import { printable } from '../../output/printable.ts'

/**
 * The scans that a cache remembers, the newest first.
 *
 * @throws UsageError for a format that is none for a list; ProgramError or CacheError where the cache does not answer.
 */
export async function listScans(place: string | undefined, format: ScanFormat): Promise<string> {
  if (format !== 'table' && format !== 'json')
    throw new UsageError(`--list-scans is written as table or json, not as ${format}.`)
  if (place !== undefined && isRedisPlace(place)) await answeringRedis(place)
  let failure: unknown
  const onCacheError = (error: unknown): void => {
    failure = error
  }
  const { cache } = await openCache(place, scanCachePurpose())
  try {
    const scans = await new BatchCoordinator({ client: new GitHubClient(), cache, onCacheError }).scans()
    // A cache that fails must not read as an empty one.
    if (scans.length === 0 && failure !== undefined) throw failure as Error
    return format === 'json' ? `${JSON.stringify(scans, undefined, 2)}\n` : scansTable(scans)
  } finally {
    await cache.close()
  }
}

function scansTable(scans: readonly ScanRecord[]): string {
  if (scans.length === 0) return 'The cache knows no scan.\n'
  const rows = scans.map(({ id, updatedAt, status, done, failed, repositories, findings, scope }) => [
    id,
    new Date(updatedAt).toISOString().slice(0, 16).replace('T', ' '),
    // Also one that was stopped or killed: nobody knows that of it.
    status === 'running' ? 'unfinished' : status,
    `${done} of ${repositories}`,
    failed,
    findings,
    printable(scopeText(scope)),
  ])
  return columnsText([['id', 'last heard of', 'status', 'done', 'failed', 'findings', 'of'], ...rows])
}

function scopeText({ organizations = [], teams = [], repositories = [], include = [] }: ScanRecord['scope']): string {
  const names = include.length > 0 ? include : [...organizations, ...teams, ...repositories]
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}, … (${names.length})` : names.join(', ')
}
