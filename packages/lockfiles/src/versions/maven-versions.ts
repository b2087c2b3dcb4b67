import {
  type Comparator,
  compareNumerals,
  compareTexts,
  type VersionRange,
  type VersionScheme,
} from './version-scheme.ts'

/** A number, a word, or a list of what follows a hyphen or a change between digits and letters. */
type Item = { readonly numeral: string } | { readonly word: string } | { readonly items: Item[] }

const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const RELEASE = String(QUALIFIERS.indexOf(''))
const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
])

/** No version goes deeper: each level is a hyphen. */
const MAX_LEVELS = 100

/** After `ComparableVersion` of Maven 3.8 (read November 2026); undefined for a text with too many hyphens. */
function read(text: string): Item[] | undefined {
  const tokens =
    text
      .trim()
      .toLowerCase()
      .match(/[.-]|\d+|[^\d.-]+/g) ?? []
  const top: Item[] = []
  const lists = [top]
  const last = (): Item[] => lists.at(-1) ?? top
  const nest = (): void => {
    lists.push(nestIn(last()))
  }
  const add = (token: string, { followsItem, next }: { followsItem: boolean; next: Kind }): void => {
    if (followsItem) nest()
    // A word before digits or at the end begins a list of its own, unless one has just begun.
    if (kindOf(token) === 'word' && next !== 'separator' && last().length > 0) nest()
    last().push(itemOf(token, next === 'digits'))
  }
  for (const [index, token] of tokens.entries()) {
    const before = kindOf(tokens[index - 1])
    const followsItem = before === 'digits' || before === 'word'
    if (kindOf(token) !== 'separator') add(token, { followsItem, next: kindOf(tokens[index + 1]) })
    else if (!followsItem) last().push({ numeral: '0' })
    if (token === '-') nest()
    if (lists.length > MAX_LEVELS) return undefined
  }
  for (const list of lists.toReversed()) trim(list)
  return top
}

function nestIn(list: Item[]): Item[] {
  const items: Item[] = []
  list.push({ items })
  return items
}

type Kind = 'none' | 'separator' | 'digits' | 'word'

function kindOf(token: string | undefined): Kind {
  if (token === undefined) return 'none'
  if (token === '.' || token === '-') return 'separator'
  return /^\d/.test(token) ? 'digits' : 'word'
}

function itemOf(token: string, isFollowedByDigits: boolean): Item {
  if (/^\d/.test(token)) return { numeral: token }
  const word = isFollowedByDigits ? (SHORT.get(token) ?? token) : token
  return { word: SYNONYMS.get(word) ?? word }
}

/** Drops what says nothing at the end, also before a list. */
function trim(list: Item[]): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index]
    if (item === undefined) continue
    if (isNothing(item)) list.splice(index, 1)
    else if (!('items' in item)) break
  }
}

function isNothing(item: Item): boolean {
  if ('numeral' in item) return /^0*$/.test(item.numeral)
  return 'word' in item ? item.word === '' : item.items.length === 0
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index]
    const right = b[index]
    const order = left === undefined ? -compareItems(right, undefined) : compareItems(left, right)
    if (order !== 0) return order
  }
  return 0
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return 0
  if ('numeral' in a) return compareNumeral(a.numeral, b)
  return 'word' in a ? compareWord(a.word, b) : compareList(a.items, b)
}

function compareNumeral(numeral: string, other: Item | undefined): number {
  if (other === undefined) return compareNumerals(numeral, '0')
  return 'numeral' in other ? compareNumerals(numeral, other.numeral) : 1
}

function compareWord(word: string, other: Item | undefined): number {
  if (other === undefined) return compareTexts(rankOf(word), RELEASE)
  return 'word' in other ? compareTexts(rankOf(word), rankOf(other.word)) : -1
}

function compareList(items: readonly Item[], other: Item | undefined): number {
  if (other === undefined) return compareLists(items, [])
  if ('items' in other) return compareLists(items, other.items)
  return 'numeral' in other ? -1 : 1
}

/** Known qualifiers by their place, others behind them by name. */
function rankOf(word: string): string {
  const known = QUALIFIERS.indexOf(word)
  return known === -1 ? `${QUALIFIERS.length}-${word}` : String(known)
}

/** The order of `ComparableVersion`. */
function compare(a: string, b: string): number | undefined {
  const [left, right] = [read(a), read(b)]
  return left === undefined || right === undefined ? undefined : compareLists(left, right)
}

function write(list: readonly Item[]): string {
  const parts = list.map((item) => {
    if ('numeral' in item) return item.numeral.replace(/^0+(?=\d)/, '')
    return 'word' in item ? item.word : `(${write(item.items)})`
  })
  return parts.join('.')
}

const INTERVAL = /\s*([[(])([^,[\]()]*)(?:(,)([^,[\]()]*))?([\])])\s*(,|$)/y

/** `1.0`: that version, unless another requirement wins; `[1.0,2.0)`, `[1.0]`, `(,1.0],[1.2,)`; `LATEST`: any. */
function parseRange(text: string): VersionRange | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'LATEST' || trimmed === 'RELEASE') return { alternatives: [[]] }
  if (!/[[\](),]/.test(trimmed)) return { alternatives: [[{ operator: '=', version: trimmed }]] }
  return readIntervals(trimmed)
}

/** Intervals of mathematics, with commas between them: Maven's and NuGet's. */
export function readIntervals(text: string): VersionRange | undefined {
  const alternatives: Comparator[][] = []
  for (INTERVAL.lastIndex = 0; INTERVAL.lastIndex < text.length;) {
    const match = INTERVAL.exec(text)
    const interval = match === null ? undefined : readInterval(match)
    if (interval === undefined) return undefined
    alternatives.push(interval)
  }
  return alternatives.length === 0 ? undefined : { alternatives }
}

function readInterval([, open, low = '', comma, high = '', close]: RegExpExecArray): Comparator[] | undefined {
  const [from, to] = [low.trim(), high.trim()]
  if (comma === undefined) {
    return open === '[' && close === ']' && from !== '' ? [{ operator: '=', version: from }] : undefined
  }
  const lower: Comparator[] = from === '' ? [] : [{ operator: open === '[' ? '>=' : '>', version: from }]
  const upper: Comparator[] = to === '' ? [] : [{ operator: close === ']' ? '<=' : '<', version: to }]
  return [...lower, ...upper]
}

/** Maven and Gradle. */
export const MAVEN_VERSIONS: VersionScheme = {
  compare,
  normalize: (version) => {
    const items = read(version)
    return items === undefined ? undefined : write(items)
  },
  parseRange,
}
