/** Keys in one script: about a millisecond in which the server does nothing else. */
export const KEYS_PER_SCRIPT = 250

/** The keys in parts of this size. */
export function chunks(keys: readonly string[], size: number): (readonly string[])[] {
  if (keys.length <= size) return [keys]
  const parts: string[][] = []
  for (let start = 0; start < keys.length; start += size) parts.push(keys.slice(start, start + size))
  return parts
}
