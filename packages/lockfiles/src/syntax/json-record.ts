/** An object of a parsed JSON text. Its own keys may have any name, `__proto__` included: list it with `Object.keys`. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether a JSON value is an object: neither null nor an array. */
export function isJsonRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
