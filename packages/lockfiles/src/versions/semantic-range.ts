import { compareSemanticVersions, readSemanticVersion, writeSemanticVersion } from './semantic-version.ts'
import { type Comparator, incremented } from './version-scheme.ts'

/** A version of which the last numbers may be missing or `x`. */
export interface PartialVersion {
  /** The numbers that are there: none for `*`. */
  readonly numbers: readonly string[]
  /** Whether one of them is written as `x` or `*`. */
  readonly isWild: boolean
  /** As it is written, where all three numbers are there. */
  readonly prerelease: readonly string[]
}

const PARTIAL = /^[v=\s]*(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:(-?)([\da-zA-Z.-]*))?(?:\+[\da-zA-Z.-]+)?$/

/** Reads `1`, `1.2`, `1.x`, `*`, `1.2.3-rc.1`; undefined when it is something else. */
export function readPartialVersion(text: string): PartialVersion | undefined {
  const [, ...parts]: (string | undefined)[] = PARTIAL.exec(text) ?? []
  if (parts.length === 0) return undefined
  const [dash = '', tail = ''] = parts.slice(3)
  // Without a `-`, only letters can follow a number; what follows fewer than three numbers has no meaning.
  if ((dash === '' && /^[\d.]/.test(tail)) || (dash !== '' && tail === '')) return undefined
  const all = parts.slice(0, 3)
  const wild = all.findIndex((part) => part !== undefined && /^[xX*]$/.test(part))
  const missing = all.findIndex((part, place) => part === undefined || place === wild)
  const numbers = (missing === -1 ? all : all.slice(0, missing)) as string[]
  return { numbers, isWild: wild !== -1, prerelease: tail === '' || missing !== -1 ? [] : tail.split('.') }
}

/** The least version that a partial one may mean. */
export function floorOf({ numbers, prerelease }: PartialVersion): string {
  const [major = '0', minor = '0', patch = '0'] = numbers
  return writeSemanticVersion({ numbers: [major, minor, patch], prerelease })
}

/** Raises the number at `index` and drops what follows: the next version that differs there. */
export function raised({ numbers }: PartialVersion, index: number): string {
  const kept = [0, 1, 2].map((place) => (place < index ? (numbers[place] ?? '0') : '0'))
  kept[index] = incremented(numbers[index] ?? '0')
  return kept.join('.')
}

/** Everything from the partial version on and before `end`, also before its pre-releases. */
function between(partial: PartialVersion, end: string): Comparator[] {
  return [
    { operator: '>=', version: floorOf(partial) },
    { operator: '<', version: `${end}-0` },
  ]
}

/** `^1.2.3`: what does not change the first number that is not zero. */
export function caret(partial: PartialVersion): Comparator[] {
  const { numbers } = partial
  if (numbers.length === 0) return []
  const first = numbers.findIndex((numeral) => !/^0+$/.test(numeral))
  return between(partial, raised(partial, first === -1 ? numbers.length - 1 : first))
}

/** `~1.2.3`: what changes the patch number alone; `~1` also the minor one. */
export function tilde(partial: PartialVersion): Comparator[] {
  if (partial.numbers.length === 0) return []
  return between(partial, raised(partial, partial.numbers.length === 1 ? 0 : 1))
}

/** `1.2`, `1.2.x`: whatever begins so; `1.2.3`: that alone. */
export function exactOrBeginning(partial: PartialVersion): Comparator[] {
  const { numbers } = partial
  if (numbers.length === 0) return []
  if (numbers.length === 3) return [{ operator: '=', version: floorOf(partial) }]
  return between(partial, raised(partial, numbers.length - 1))
}

/** `>1.2` begins after whatever `1.2` may mean, `<=1.2` ends there. */
export function compared(operator: '<' | '<=' | '>' | '>=', partial: PartialVersion): Comparator[] {
  const { numbers } = partial
  if (numbers.length === 0) return operator === '<' || operator === '>' ? [{ operator: '<', version: '0.0.0-0' }] : []
  if (numbers.length === 3) return [{ operator, version: floorOf(partial) }]
  const next = raised(partial, numbers.length - 1)
  if (operator === '>') return [{ operator: '>=', version: next }]
  if (operator === '<=') return [{ operator: '<', version: `${next}-0` }]
  return [{ operator, version: operator === '<' ? `${floorOf(partial)}-0` : floorOf(partial) }]
}

/** npm and Cargo: a pre-release has to be asked for by a comparator that names one of the same three numbers. */
export function excludesUnasked(version: string, alternative: readonly Comparator[]): boolean {
  const read = readSemanticVersion(version)
  if (read === undefined || read.prerelease.length === 0) return false
  const release = { ...read, prerelease: [] }
  return !alternative.some((comparator) => {
    const named = readSemanticVersion(comparator.version)
    if (named === undefined || named.prerelease.length === 0) return false
    return compareSemanticVersions({ ...named, prerelease: [] }, release) === 0
  })
}
