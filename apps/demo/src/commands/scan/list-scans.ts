import { BatchCoordinator, GitHubClient, type ScanRecord } from '@x/github-batch'

import { openCache } from '../../cache/open-cache.ts'
import { scanCachePurpose } from '../../cache/scan-cache.ts'
import { type ScanFormat } from '../../formats/scan-format-names.ts'
import { columnsText } from '../../output/columns-text.ts'
import { printable } from '../../output/printable.ts'

/** The scans that a cache remembers, the newest first: as JSON, or else as a table. */
export async function listScans(place: string | undefined, format: ScanFormat): Promise<string> {
  const { cache } = await openCache(place, scanCachePurpose())
  try {
    const scans = await new BatchCoordinator({ client: new GitHubClient(), cache }).scans()
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
    status,
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
