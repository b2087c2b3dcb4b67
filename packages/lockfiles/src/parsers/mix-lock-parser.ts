import { type ElixirPair, type ElixirTerm, readElixirTerm } from '../syntax/elixir-term.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'

/** Reads `mix.lock`. The name is Hex's, also where the project calls it otherwise. The file does not say what the project asks for: `direct` is false. */
export function parseMixLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  if (text.trim() === '') return reading.result()
  const term = readElixirTerm(text)
  if (!Array.isArray(term)) throw new LockfileFault('MALFORMED', 'The file holds no map.', { line: 1, column: 1 })
  for (const item of term as readonly (ElixirTerm | ElixirPair)[]) {
    if (typeof item === 'string' || !('key' in item)) {
      throw new LockfileFault('MALFORMED', 'The file holds no map.', { line: 1, column: 1 })
    }
    const { key, value, line } = item
    const read = Array.isArray(value) ? readEntry(value as readonly ElixirTerm[]) : undefined
    if (read === undefined) reading.misunderstood(line, key, 'it is neither of Hex nor of git nor a path')
    else reading.packages.push({ ...read, ecosystem: 'hex', line, direct: false, dev: false })
  }
  return reading.result()
}

/** `{:hex, :name, "1.0.0", "hash", …}`, `{:git, "address", "commit", …}`, `{:path, "folder"}`. */
function readEntry([kind, first, second]: readonly ElixirTerm[]): PackageIdentity | undefined {
  const name = atomOf(first)
  switch (atomOf(kind)) {
    case 'hex':
      return name === undefined || typeof second !== 'string' || second === ''
        ? undefined
        : { name, version: second, source: 'registry' }
    case 'git':
      return typeof first === 'string' && typeof second === 'string'
        ? {
            name: first.replace(/\.git$/, '').replace(/^.*[/:]/s, ''),
            version: second,
            source: 'git',
            ...addressOf(first),
          }
        : undefined
    case 'path':
      return typeof first === 'string' ? { name: first, version: '', source: 'file', resolved: first } : undefined
    default:
      return undefined
  }
}

function atomOf(term: ElixirTerm | undefined): string | undefined {
  return term !== undefined && typeof term !== 'string' && 'atom' in term ? term.atom : undefined
}
