import { isItemKey } from './array-index.ts'
import { classNameOf } from './class-name.ts'
import { hasOwnProperties } from './own-properties.ts'

/**
 * Writes any tuple of data as one string, so that two strings are equal exactly when the tuples are: `1`, `"1"`, `1n`
 * and `true` differ, `0` and `-0` differ, a missing property and an `undefined` one differ. The order of an object's
 * properties does not matter; that of an array, a `Map` or a `Set` does.
 *
 * Takes strings, numbers, bigints, booleans, `null`, `undefined`, dates, bytes (`Uint8Array`), and arrays, plain
 * objects, `Map`s and `Set`s of them.
 *
 * @throws TypeError for what has no identity that could be written: functions, symbols, instances of other classes,
 * properties of an array, a date, bytes, a `Map` or a `Set` besides what is in it, and structures that contain themselves.
 */
export function encodeKey(...parts: readonly unknown[]): string {
  const writer = new KeyWriter()
  return parts.map((part) => writer.write(part)).join(',')
}

class KeyWriter {
  readonly #ancestors = new Set<object>()

  write(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value)
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value)
      case 'bigint':
        return `${value}n`
      case 'boolean':
      case 'undefined':
        return String(value)
      case 'object':
        return value === null ? 'null' : this.#writeObject(value)
      default:
        throw new TypeError(`A ${typeof value} has no identity to build a key from. Give a key of your own.`)
    }
  }

  #writeObject(value: object): string {
    if (this.#ancestors.has(value)) {
      throw new TypeError('A structure that contains itself cannot become a key. Give a key of your own.')
    }
    this.#ancestors.add(value)
    const text = this.#writeContents(value)
    this.#ancestors.delete(value)
    return text
  }

  #writeContents(value: object): string {
    if (Object.getOwnPropertySymbols(value).length > 0) throw withoutIdentity('object with symbol properties')
    switch (Object.getPrototypeOf(value)) {
      case Array.prototype:
        return this.#writeArray(value as unknown[])
      case Date.prototype:
        return `Date(${bare(value as Date).getTime()})`
      case Uint8Array.prototype:
      case Buffer.prototype:
        return `Bytes(${Buffer.from(bare(value as Uint8Array)).toString('hex')})`
      case Map.prototype:
        return `Map(${this.#writeAll(Array.from(bare(value as Map<unknown, unknown>)).flat())})`
      case Set.prototype:
        return `Set(${this.#writeAll(Array.from(bare(value as Set<unknown>)))})`
      case Object.prototype:
      case null:
        return this.#writePlain(value)
      default:
        throw withoutIdentity(classNameOf(value))
    }
  }

  /** A hole in an array is not an `undefined` in it. */
  #writeArray(array: readonly unknown[]): string {
    if (Object.keys(array).some((key) => !isItemKey(array, key)))
      throw withoutIdentity('array with properties of its own')
    return `[${Array.from(array, (item, index) => (index in array ? this.write(item) : 'hole')).join(',')}]`
  }

  #writePlain(value: object): string {
    const properties = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${properties.map(([name, item]) => `${JSON.stringify(name)}:${this.write(item)}`).join(',')}}`
  }

  #writeAll(items: readonly unknown[]): string {
    return items.map((item) => this.write(item)).join(',')
  }
}

/** Of a date, bytes, a map or a set only the content is written. */
function bare<Value extends object>(value: Value): Value {
  if (hasOwnProperties(value)) throw withoutIdentity(`${classNameOf(value)} with properties of its own`)
  return value
}

function withoutIdentity(what: string): TypeError {
  return new TypeError(`The ${what} has no identity to build a key from. Give a key of your own, or pass plain data.`)
}
