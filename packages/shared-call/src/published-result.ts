/** What a leader leaves in the store for the others: its fence, and a value or an error. */
export type PublishedResult =
  { readonly fence: number; readonly value: unknown } | { readonly fence: number; readonly error: PublishedError }

/** What is left of an error on its way to another process. Not its stack: a store is no place for it. */
export interface PublishedError {
  /** As of the error's class. */
  readonly name: string
  /** As it was. */
  readonly message: string
  /** For programs, where it had one that is a string or a number. */
  readonly code?: string | number | undefined
}

/** Describes anything that was thrown. */
export function describeError(error: unknown): PublishedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message } = error
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' || typeof code === 'number' ? { name, message, code } : { name, message }
}

/** The value of a result; throws its error. */
export function valueOf(result: PublishedResult): unknown {
  if (!('error' in result)) return result.value
  const { name, message, code } = result.error
  throw Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
}
