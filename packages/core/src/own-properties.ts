import { isDeepStrictEqual } from 'node:util'

/** Whether a date, a map, a set or bytes have properties besides what is in them. */
export function hasOwnProperties(value: object): boolean {
  // A view of the same bytes has none. BAD: `Object.keys(bytes)`, which makes a string for each byte.
  return value instanceof Uint8Array ? !isDeepStrictEqual(value, value.subarray()) : Reflect.ownKeys(value).length > 0
}
