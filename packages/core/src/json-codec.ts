import { CacheError } from './cache-error.ts'
import { classNameOf } from './class-name.ts'
import type { Codec } from './codec.ts'

/** How strict a JSON codec is. */
export interface JsonCodecOptions {
  /**
   * Convert as `JSON.stringify` does (dates become strings, `NaN` becomes null, functions vanish) instead of refusing
   * what would come back as something else.
   *
   * @defaultValue `false`
   */
  readonly lenient?: boolean | undefined
}

const { getOwnPropertySymbols, getPrototypeOf } = Object

/** Beyond this depth a value is refused, before the engine's stack ends. */
const MAX_DEPTH = 1_000

const lenientCodec: Codec = {
  encode(value) {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) throw notSerializable({ path: '', what: typeof value })
    return text
  },
  decode: (text) => JSON.parse(text) as unknown,
}

const strictCodec: Codec = {
  encode(value) {
    if (!survives(value, 0)) throw notSerializable(findCulprit(value, '', new Set()))
    return JSON.stringify(value)
  },
  decode: (text) => JSON.parse(text) as unknown,
}

/**
 * Values as JSON. It refuses what JSON would alter: dates, maps, sets, bigints, `NaN` and infinities, bytes, instances
 * of classes, functions, symbols, `undefined` and holes in arrays, circular structures, and more than 1,000 levels.
 * Only a property that is `undefined` (absent afterwards) and `-0` (0 afterwards) pass.
 */
export function jsonCodec({ lenient = false }: JsonCodecOptions = {}): Codec {
  return lenient ? lenientCodec : strictCodec
}

/** The fast way through a value, for all that survive: it only says whether. */
function survives(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      if (value === null) return true
      if (depth === MAX_DEPTH) return false
      return Array.isArray(value) ? arraySurvives(value, depth + 1) : objectSurvives(value, depth + 1)
    default:
      return false
  }
}

// Most contents are strings and numbers, which are spared the call. What is read first (`toJSON`) tells the engine the shape, and
// with it the prototype.
function objectSurvives(value: object, depth: number): boolean {
  if (convertsItself(value) || !isPlainObject(value)) return false
  for (const name in value) {
    const item = (value as Record<string, unknown>)[name]
    if (typeof item === 'string' || (typeof item === 'number' && Number.isFinite(item)) || item === undefined) continue
    if (!survives(item, depth)) return false
  }
  return true
}

function arraySurvives(array: readonly unknown[], depth: number): boolean {
  if (convertsItself(array) || !isPlainArray(array)) return false
  for (const item of array) {
    if (typeof item === 'string' || (typeof item === 'number' && Number.isFinite(item))) continue
    if (!survives(item, depth)) return false
  }
  return true
}

interface Culprit {
  readonly path: string
  readonly what: string
}

/** The slow way through a value that is known not to survive: says where, and what it is. */
function findCulprit(value: unknown, path: string, ancestors: Set<object>): Culprit | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, what: String(value) }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined
  if (typeof value !== 'object') return { path, what: typeof value }
  if (ancestors.has(value)) return { path, what: 'circular reference' }
  if (ancestors.size >= MAX_DEPTH) return { path, what: `value nested deeper than ${MAX_DEPTH} levels` }
  ancestors.add(value)
  const culprit = Array.isArray(value) ? findInArray(value, path, ancestors) : findInObject(value, path, ancestors)
  ancestors.delete(value)
  return (
    culprit ?? (convertsItself(value) ? { path, what: `${classNameOf(value)} with a toJSON() of its own` } : undefined)
  )
}

function findInArray(array: readonly unknown[], path: string, ancestors: Set<object>): Culprit | undefined {
  if (!isPlainArray(array)) return { path, what: 'array with holes or properties of its own' }
  for (const [index, item] of array.entries()) {
    const culprit = findCulprit(item, `${path}[${index}]`, ancestors)
    if (culprit !== undefined) return culprit
  }
  return undefined
}

function findInObject(value: object, path: string, ancestors: Set<object>): Culprit | undefined {
  if (!isPlainObject(value))
    return { path, what: isPlain(value) ? 'object with symbol properties' : classNameOf(value) }
  for (const [name, item] of Object.entries(value) as [string, unknown][]) {
    const culprit = item === undefined ? undefined : findCulprit(item, `${path}.${name}`, ancestors)
    if (culprit !== undefined) return culprit
  }
  return undefined
}

/** No subclass, no holes, and nothing besides its items: the properties of a `RegExp` match would be lost. */
function isPlainArray(array: readonly unknown[]): boolean {
  if (getPrototypeOf(array) !== Array.prototype || hasSymbols(array)) return false
  const names = Object.keys(array)
  const { length } = names
  // Indices come first: when the last of `length` names is the last index, no hole hides behind another property.
  return length === array.length && (length === 0 || names[length - 1] === String(length - 1))
}

function isPlainObject(value: object): boolean {
  return isPlain(value) && !hasSymbols(value)
}

function isPlain(value: object): boolean {
  const prototype: unknown = getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function hasSymbols(value: object): boolean {
  return getOwnPropertySymbols(value).length > 0
}

/** `JSON.stringify` asks for it, also where it is not enumerable. */
function convertsItself(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

function notSerializable({ path, what }: Culprit = { path: '', what: 'value' }): CacheError {
  return new CacheError('NOT_SERIALIZABLE', {
    message: `JSON would alter the ${what} at value${path}. Convert it first, or use richCodec() or jsonCodec({ lenient: true }).`,
    details: { path: `value${path}` },
  })
}
