const frozen = new WeakSet()

/**
 * Freezes plain data all the way down, and returns it.
 *
 * @throws TypeError for what freezing does not protect: dates, maps, sets, bytes, instances of classes. Nothing is
 * frozen then.
 */
export function freezeDeep<Value>(value: Value): Value {
  const found = new Set<object>()
  collect(value, found)
  for (const item of found) {
    Object.freeze(item)
    frozen.add(item)
  }
  return value
}

function collect(value: unknown, found: Set<object>): void {
  if (typeof value === 'function') throw refusal('a function')
  if (typeof value !== 'object' || value === null || frozen.has(value) || found.has(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw refusal(`an instance of ${value.constructor.name}`)
  }
  found.add(value)
  for (const name of Reflect.ownKeys(value)) collect((value as Record<PropertyKey, unknown>)[name], found)
}

function refusal(what: string): TypeError {
  return new TypeError(`clone: "freeze" cannot protect ${what}. Use "structured", or a function that copies it.`)
}
