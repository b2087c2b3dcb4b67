/** What an address is not fetched by as it stands: whatever is no visible ASCII, `%`, `\`, and folders that begin with a dot. */
const UNUSUAL = /[^!-$&-[\]-~]|\/\./

/** One more than the public registry of npm does (seen in November 2026: it takes `%252D` for `-`). */
const DECODINGS = 3

/**
 * What is asked for in the end by an address, without its query: as `URL` reads it, which every package manager fetches with, and as registries
 * do, which decode it and go up by `..` then. What stands before the path is left out where that is not plain.
 */
export function fetchedPath(address: string): string {
  if (!UNUSUAL.test(address)) return withoutQuery(address)
  // Some are relative to the registry.
  let path = URL.parse(address, 'https://registry.invalid')?.pathname ?? withoutQuery(address)
  for (let times = 0; times < DECODINGS; times++) path = path.replaceAll(/%[0-7][\da-f]/gi, decodeURIComponent)
  return withoutDots(path.replaceAll('\\', '/')).trim()
}

/** BAD: `posix.normalize`. It takes quadratic time where very many folders are followed by very many `x/../`. */
function withoutDots(path: string): string {
  const folders: string[] = []
  for (const folder of path.split('/')) {
    if (folder === '..') folders.pop()
    else if (folder !== '.') folders.push(folder)
  }
  return folders.join('/')
}

/** An address up to its `?` or `#`. */
export function withoutQuery(address: string): string {
  const hash = address.indexOf('#')
  const path = hash === -1 ? address : address.slice(0, hash)
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}
