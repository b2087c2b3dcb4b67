import { EXIT_CODES, type ExitCode } from '@x/core'

import { browseCache } from '../../cache/browse-cache.ts'
import { type CacheEntryName } from '../../cache/cache-browser.ts'
import { type Invocation } from '../../cli/command.ts'
import { printable } from '../../output/printable.ts'

export interface KeysOptions {
  readonly cache: string | undefined
  readonly namespace: string
  readonly category: string | undefined
  readonly format: 'table' | 'json'
}

export async function cacheKeys(options: KeysOptions, { operands, signal }: Invocation): Promise<ExitCode> {
  const { cache, namespace, category, format } = options
  await using browser = await browseCache(cache, namespace)
  const names: CacheEntryName[] = []
  for await (const { category: found, key } of browser.keys({ category, pattern: operands[0] })) {
    signal.throwIfAborted()
    names.push({ category: found, key })
  }
  const sorted = names.toSorted(byName)
  process.stdout.write(format === 'json' ? `${JSON.stringify(sorted, undefined, 2)}\n` : sorted.map(nameLine).join(''))
  return EXIT_CODES.success
}

/** A line for a key, whatever is in it. */
export function nameLine({ category, key }: CacheEntryName): string {
  return `${printable(category)}\t${printable(key)}\n`
}

export function byName(a: CacheEntryName, b: CacheEntryName): number {
  if (a.category !== b.category) return a.category < b.category ? -1 : 1
  return a.key < b.key ? -1 : 1
}
