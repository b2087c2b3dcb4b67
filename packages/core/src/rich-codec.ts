import { isItemKey } from './array-index.ts'
import { CacheError } from './cache-error.ts'
import { classNameOf } from './class-name.ts'
import type { Codec } from './codec.ts'
import { hasOwnProperties } from './own-properties.ts'

/** Marks what JSON has no word for: `{"$": [tag, content]}`. A plain object with a property `$` is marked as well. */
const MARK = '$'
const MAX_DEPTH = 1_000

type Marked = Readonly<Record<typeof MARK, readonly [tag: string, content: unknown]>>

/**
 * Values as JSON that also keeps dates, maps, sets, bigints, `NaN`, infinities, `-0`, bytes (`Uint8Array`, and `Buffer` as itself),
 * `undefined` anywhere inside, and holes in arrays. It refuses functions, symbols, instances of other classes, what an array, a
 * date, a map, a set or bytes have besides what is in them, circular structures, and more than 1,000 levels.
 */
export function richCodec(): Codec {
  return codec
}

const codec: Codec = {
  encode(value) {
    if (value === undefined) throw refuse('undefined', '')
    return JSON.stringify(pack(value, '', []))
  },
  decode(text) {
    const packed: unknown = JSON.parse(text)
    try {
      return unpack(packed)
    } catch (cause) {
      throw new SyntaxError(`Not written by richCodec(): ${(cause as Error).message}`, { cause })
    }
  },
}

function pack(value: unknown, path: string, ancestors: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : mark('number', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return mark('bigint', String(value))
    case 'undefined':
      return mark('undefined', null)
    case 'object':
      return value === null ? null : packObject(value, path, ancestors)
    default:
      throw refuse(typeof value, path)
  }
}

function packObject(value: object, path: string, ancestors: readonly object[]): unknown {
  if (ancestors.includes(value)) throw refuse('circular reference', path)
  if (ancestors.length >= MAX_DEPTH) throw refuse(`value nested deeper than ${MAX_DEPTH} levels`, path)
  const inside = [...ancestors, value]
  const prototype: unknown = Object.getPrototypeOf(value)
  switch (prototype) {
    case Array.prototype:
      return packArray(value as unknown[], path, inside)
    case Object.prototype:
    case null:
      return packPlain(value as Record<string, unknown>, path, inside)
    case Map.prototype:
      return mark('map', packArray([...bare(value as Map<unknown, unknown>, path)], path, inside))
    case Set.prototype:
      return mark('set', packArray([...bare(value as Set<unknown>, path)], path, inside))
    case Date.prototype:
      return mark('date', pack(bare(value as Date, path).getTime(), path, inside))
    case Uint8Array.prototype:
      return mark('bytes', Buffer.from(bare(value as Uint8Array, path)).toString('base64'))
    case Buffer.prototype:
      return mark('buffer', bare(value as Buffer, path).toString('base64'))
    default:
      throw refuse(classNameOf(value), path)
  }
}

/** Of a map, a set, a date or bytes only the content is kept. */
function bare<Value extends object>(value: Value, path: string): Value {
  if (hasOwnProperties(value)) throw refuse(`${classNameOf(value)} with properties of its own`, path)
  return value
}

function packArray(array: readonly unknown[], path: string, ancestors: readonly object[]): unknown {
  const keys = Object.keys(array)
  if (Object.getOwnPropertySymbols(array).length > 0) throw refuse('array with properties of its own', path)
  if (keys.length === array.length && keys.every((key, index) => key === String(index))) {
    return array.map((item, index) => pack(item, `${path}[${index}]`, ancestors))
  }
  if (keys.some((key) => !isItemKey(array, key))) throw refuse('array with properties of its own', path)
  const items = keys.map((key) => [Number(key), pack(array[Number(key)], `${path}[${key}]`, ancestors)])
  return mark('sparse', [array.length, items])
}

function packPlain(value: Record<string, unknown>, path: string, ancestors: readonly object[]): unknown {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refuse('object with symbol properties', path)
  const properties = Object.entries(value).map(
    ([name, item]) => [name, pack(item, `${path}.${name}`, ancestors)] as const,
  )
  return Object.hasOwn(value, MARK) ? mark('object', properties) : Object.fromEntries(properties)
}

function mark(tag: string, content: unknown): Marked {
  return { [MARK]: [tag, content] }
}

function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(unpack)
  if (Object.hasOwn(value, MARK)) return unpackMarked((value as Marked)[MARK])
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, unpack(item)]))
}

function unpackMarked([tag, content]: readonly [tag: string, content: unknown]): unknown {
  switch (tag) {
    case 'number':
      return Number(content)
    case 'bigint':
      return BigInt(content as string)
    case 'undefined':
      return undefined
    case 'date':
      return new Date(unpack(content) as number)
    case 'map':
      return new Map(unpack(content) as [unknown, unknown][])
    case 'set':
      return new Set(unpack(content) as unknown[])
    case 'bytes':
      return new Uint8Array(Buffer.from(content as string, 'base64'))
    case 'buffer':
      return Buffer.from(content as string, 'base64')
    case 'sparse':
      return unpackSparse(content as [number, [number, unknown][]])
    case 'object':
      return Object.fromEntries((content as [string, unknown][]).map(([name, item]) => [name, unpack(item)]))
    default:
      throw new SyntaxError(`unknown mark ${JSON.stringify(tag)}.`)
  }
}

function unpackSparse([length, items]: [number, [number, unknown][]]): unknown[] {
  const array: unknown[] = []
  array.length = length
  for (const [index, item] of items) array[index] = unpack(item)
  return array
}

function refuse(what: string, path: string): CacheError {
  return new CacheError('NOT_SERIALIZABLE', {
    message: `richCodec() cannot keep the ${what} at value${path}. Convert it to plain data first.`,
    details: { path: `value${path}` },
  })
}
