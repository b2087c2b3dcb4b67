/** Tells whether a value, which may come from anywhere, has a shape. */
export type Shape = (value: unknown) => boolean

export const isText: Shape = (value) => typeof value === 'string'
export const isNumber: Shape = (value) => typeof value === 'number'
export const isBoolean: Shape = (value) => typeof value === 'boolean'

/** An object whose properties of these names have these shapes; others may be there too. */
export function objectOf(shapes: Readonly<Record<string, Shape>>): Shape {
  const properties = Object.entries(shapes)
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    properties.every(([name, hasShape]) => hasShape((value as Readonly<Record<string, unknown>>)[name]))
}

/** A list of nothing else. */
export function listOf(hasShape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(hasShape)
}

/** One of these. */
export function anyOf(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((hasShape) => hasShape(value))
}

/** Nothing, or that. */
export function optional(hasShape: Shape): Shape {
  return (value) => value === undefined || hasShape(value)
}
