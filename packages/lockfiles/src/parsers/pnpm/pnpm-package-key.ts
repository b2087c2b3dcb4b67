import {
  type Descriptor,
  isExactVersion,
  isPackageName,
  splitDescriptor,
  startsWithVersion,
} from '../../identity/package-name.ts'

/** How a version of the format writes the keys of `packages`. */
export type PnpmKeyStyle = '/name/1.0.0' | '/name@1.0.0' | 'name@1.0.0'

/**
 * The key of `packages` or `snapshots` that a requirement points to; undefined for a link to a folder.
 * After `refToRelative` and `depPathToFilename` of @pnpm/dependency-path (read November 2026).
 *
 * @param name - what the requiring package calls it.
 * @param reference - the requirement's version: `1.0.0`, `1.0.0(peer@2.0.0)`, `real@1.0.0`, `file:…`, an address.
 */
export function pnpmKeyOf(name: string, reference: string, style: PnpmKeyStyle): string | undefined {
  if (reference.startsWith('link:')) return undefined
  if (style === 'name@1.0.0') return isWholeKey(reference) ? reference : `${name}@${reference}`

  // The older formats write the whole key unless it is a version of the package with that name.
  if (style === '/name@1.0.0') return startsWithVersion(reference) ? `/${name}@${reference}` : reference
  return startsWithVersion(reference) ? `/${name}/${reference}` : reference
}

/** `real@1.0.0` is a key; `1.0.0(peer@2.0.0)` and `git+ssh://git@host/x` are not. */
function isWholeKey(reference: string): boolean {
  if (reference.startsWith('@')) return true
  const at = reference.indexOf('@')
  const colon = reference.indexOf(':')
  const bracket = reference.indexOf('(')
  return at !== -1 && (colon === -1 || at < colon) && (bracket === -1 || at < bracket)
}

/** Cuts the peers, `(react@18.0.0)(patch_hash=…)`, off a key of version 6 or 9. Brackets inside a path stay. */
export function withoutPeers(key: string): string {
  let end = key.length
  while (key[end - 1] === ')') {
    const open = openingOf(key, end - 1)
    if (open <= 0) break
    end = open
  }
  return key.slice(0, end)
}

function openingOf(key: string, close: number): number {
  let depth = 0
  for (let offset = close; offset >= 0; offset--) {
    if (key[offset] === ')') depth++
    else if (key[offset] === '(' && --depth === 0) return offset
  }
  return -1
}

/** The name and version, or name and address, that a key of `packages` states; undefined when it states none. */
export function readPnpmKey(key: string, style: PnpmKeyStyle): Descriptor | undefined {
  if (style === 'name@1.0.0') return splitDescriptor(withoutPeers(key))
  if (style === '/name@1.0.0') {
    // Another registry's host may stand before the first slash.
    const descriptor = splitDescriptor(withoutPeers(key.slice(key.indexOf('/') + 1)))
    return isExactVersion(descriptor?.reference) ? descriptor : undefined
  }
  return readSlashKey(key)
}

/** `/@scope/name/1.0.0_peer@2.0.0`; a peer with a scope, `_@a+b@1.0.0`, has no slash. */
function readSlashKey(key: string): Descriptor | undefined {
  const segments = key.split('/').slice(1)
  const nameLength = segments[0]?.startsWith('@') ? 2 : 1
  const name = segments.slice(0, nameLength).join('/')
  const reference = segments.slice(nameLength).join('/').replace(/_.*$/s, '')
  return isPackageName(name) && isExactVersion(reference) ? { name, reference } : undefined
}
