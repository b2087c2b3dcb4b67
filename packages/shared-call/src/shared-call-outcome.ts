import { CacheError } from '@x/core'

/** What an error consists of on its way to another thread. */
interface WireError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause?: WireThrown | undefined
  /** Those of an `AggregateError`. */
  readonly errors?: readonly WireThrown[] | undefined
  /** The error's own properties that can be cloned: `code`, `statusCode`, … */
  readonly properties: Readonly<Record<string, unknown>>
}

/** Anything can be thrown. */
type WireThrown = { readonly error: WireError } | { readonly value: unknown }

/** An outcome that can be posted, as far as its value can. */
export type WireOutcome = { readonly value: unknown } | { readonly thrown: WireThrown }

const NATIVE_ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const

/** How deep causes of causes, and errors of errors, go along. */
const MAX_DEPTH = 16

/** How a function ended. */
export class Outcome {
  readonly failed: boolean
  readonly #content: unknown

  private constructor(failed: boolean, content: unknown) {
    this.failed = failed
    this.#content = content
  }

  /** Runs the function. */
  static of(run: () => unknown): Outcome {
    try {
      const value = run()
      if (!isThenable(value)) return new Outcome(false, value)
      // Nobody will ever wait for it.
      Promise.resolve(value).then(undefined, () => undefined)
      return new Outcome(
        true,
        new TypeError('SharedCall is for functions that block, and this one returned a promise. Use AsyncSharedCall.'),
      )
    } catch (error) {
      return new Outcome(true, error)
    }
  }

  /** The value, or throws what the function threw: the very object. */
  unwrap(): unknown {
    if (this.failed) throw this.#content
    return this.#content
  }

  /** As it is sent. */
  toWire(): WireOutcome {
    if (!this.failed) return { value: this.#content }
    try {
      return { thrown: dismantle(this.#content, []) }
    } catch (error) {
      // A getter of the error threw one of its own.
      return undeliverable(error)
    }
  }
}

/** The value that was sent, or throws an error like the one that was. */
export function unwrapWire(outcome: WireOutcome): unknown {
  if ('value' in outcome) return outcome.value
  throw restore(outcome.thrown)
}

/** Instead of an outcome that cannot be cloned. */
export function undeliverable(cause: unknown): WireOutcome {
  const error = new CacheError('NOT_SERIALIZABLE', {
    message:
      'The value cannot be cloned, and so not be given to the other threads that waited for it. Return plain data, or do not share this call.',
    cause,
  })
  return { thrown: dismantle(error, []) }
}

function isThenable(value: unknown): boolean {
  return typeof (Object(value) as { then?: unknown }).then === 'function'
}

/** What contains itself does not go along in itself: `outer` is what this is in. */
function dismantle(thrown: unknown, outer: readonly unknown[]): WireThrown {
  if (!(thrown instanceof Error)) return { value: isCloneable(thrown) ? thrown : String(thrown) }
  const { name, message, stack } = thrown
  const isApart = (key: string): boolean =>
    key === 'cause' || key === 'name' || (key === 'errors' && thrown instanceof AggregateError)
  const properties = Object.fromEntries(
    Object.entries(thrown).filter(([key, value]) => !isApart(key) && isCloneable(value)),
  )
  if ('code' in thrown && isCloneable(thrown.code)) properties['code'] = thrown.code
  const inside = [...outer, thrown]
  const goesAlong = (inner: unknown): boolean => inside.length <= MAX_DEPTH && !inside.includes(inner)
  const cause = 'cause' in thrown && goesAlong(thrown.cause) ? dismantle(thrown.cause, inside) : undefined
  const errors =
    thrown instanceof AggregateError
      ? thrown.errors.filter(goesAlong).map((each) => dismantle(each, inside))
      : undefined
  return { error: { name, message, stack, cause, errors, properties } }
}

function restore(thrown: WireThrown): unknown {
  if ('value' in thrown) return thrown.value
  const { name, message, stack, cause, errors, properties } = thrown.error
  const Native = Object.hasOwn(NATIVE_ERRORS, name) ? NATIVE_ERRORS[name as keyof typeof NATIVE_ERRORS] : Error
  const options = cause === undefined ? undefined : { cause: restore(cause) }
  const error =
    errors === undefined ? new Native(message, options) : new AggregateError(errors.map(restore), message, options)
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true })
  if (error.name !== name) {
    Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true })
  }
  return Object.assign(error, properties)
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
