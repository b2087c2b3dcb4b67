import { classNameOf } from './class-name.ts'

/**
 * Writes any tuple of data as one string, so that two strings are equal exactly when the tuples are: `1`, `"1"`, `1n`
 * and `true` differ, `0` and `-0` differ, a missing property and an `undefined` one differ. The order of an object's
 * properties does not matter; that of an array, a `Map` or a `Set` does.
 *
 * Takes strings, numbers, bigints, booleans, `null`, `undefined`, dates, bytes (`Uint8Array`), and arrays, plain
 * objects, `Map`s and `Set`s of them.
 *
 * @throws TypeError for what has no identity that could be written: functions, symbols, instances of other classes,
 * and structures that contain themselves.
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
    if (Array.isArray(value))
      return `[${Array.from(value, (item, index) => this.#writeItem(value, item, index)).join(',')}]`
    if (value instanceof Date) return `Date(${value.getTime()})`
    if (value instanceof Uint8Array)
      return `Bytes(${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')})`
    if (value instanceof Map) return `Map(${this.#writeAll(Array.from(value).flat())})`
    if (value instanceof Set) return `Set(${this.#writeAll(Array.from(value))})`
    const prototype: unknown = Object.getPrototypeOf(value)
    if ((prototype !== Object.prototype && prototype !== null) || Object.getOwnPropertySymbols(value).length > 0) {
      throw new TypeError(
        `The ${classNameOf(value)} has no identity to build a key from. Give a key of your own, or pass plain data.`,
      )
    }
    const properties = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${properties.map(([name, item]) => `${JSON.stringify(name)}:${this.write(item)}`).join(',')}}`
  }

  /** A hole in an array is not an `undefined` in it. */
  #writeItem(array: readonly unknown[], item: unknown, index: number): string {
    return item === undefined && !(index in array) ? '' : this.write(item)
  }

  #writeAll(items: readonly unknown[]): string {
    return items.map((item) => this.write(item)).join(',')
  }
}
