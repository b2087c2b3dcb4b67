import { type CacheEntryName } from '../../cache/cache-browser.ts'
import { printable } from '../../output/printable.ts'

/** Names of entries in order: a line each, whatever is in them, or as JSON. */
export function namesText(names: readonly CacheEntryName[], format: 'table' | 'json'): string {
  const sorted = names.toSorted(byName)
  if (format === 'table') return sorted.map(nameLine).join('')
  return `${JSON.stringify(sorted, ['category', 'key'], 2)}\n`
}

function nameLine({ category, key }: CacheEntryName): string {
  return `${printable(category)}\t${printable(key)}\n`
}

function byName(a: CacheEntryName, b: CacheEntryName): number {
  if (a.category !== b.category) return a.category < b.category ? -1 : 1
  return a.key < b.key ? -1 : 1
}
