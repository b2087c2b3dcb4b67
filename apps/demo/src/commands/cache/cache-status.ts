import { EXIT_CODES, type ExitCode } from '@x/core'

import { browseCache, cacheFiles } from '../../cache/browse-cache.ts'
import { type CacheStatus } from '../../cache/cache-browser.ts'
import { columnsText } from '../../output/columns-text.ts'
import { numberText, sizeText } from '../../output/count-text.ts'
import { printable } from '../../output/printable.ts'

export interface StatusOptions {
  readonly cache: string | undefined
  readonly namespace: string
  readonly format: 'table' | 'json'
}

export async function cacheStatus({ cache, namespace, format }: StatusOptions): Promise<ExitCode> {
  const places = cache === undefined ? await cacheFiles() : [cache]
  const statuses: CacheStatus[] = []
  for (const place of places) {
    await using browser = await browseCache(place, namespace)
    statuses.push(await browser.status())
  }
  const text = format === 'json' ? `${JSON.stringify(statuses, undefined, 2)}\n` : statuses.map(statusText).join('\n')
  process.stdout.write(text === '' ? 'Nothing is kept yet.\n' : text)
  return EXIT_CODES.success
}

function statusText({ place, entryCount, totalSizeBytes, maxSizeBytes, usedBytes, byCategory }: CacheStatus): string {
  const limit = maxSizeBytes === undefined ? '' : ` of ${sizeText(maxSizeBytes)}`
  const used = usedBytes === undefined ? '' : `; ${sizeText(usedBytes)} are in use`
  const rows = Object.entries(byCategory).map(([category, stats]) => [
    printable(category),
    numberText(stats.entryCount),
    sizeText(stats.totalSizeBytes),
  ])
  return `${printable(place)}: ${numberText(entryCount)} entries, ${sizeText(totalSizeBytes)}${limit}${used}\n${columnsText(rows)}`
}
