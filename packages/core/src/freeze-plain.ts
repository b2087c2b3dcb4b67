/**
 * Freezes a value all the way down, where that keeps it from being changed: plain objects, arrays and primitives.
 *
 * @param value - Private to the caller, and without circles: it may be left half frozen.
 * @returns `false` for what has a part that freezing does not protect, such as dates, maps, sets and bytes.
 */
export function freezePlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  const isProtected = Array.isArray(value) ? value.every(freezePlain) : isPlain(value) && freezeProperties(value)
  if (isProtected) Object.freeze(value)
  return isProtected
}

function freezeProperties(value: object): boolean {
  for (const name of Object.keys(value)) {
    if (!freezePlain((value as Record<string, unknown>)[name])) return false
  }
  return true
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
