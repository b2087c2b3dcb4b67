import type { Awaitable } from '@x/core'

/** What the name of a load's failure begins with: all that is left of its class when it comes from another process. */
const PREFIX = 'load failed: '

/** What a load threw, apart from what its store threw or a caller left with. Looks, but for its name, like that. */
class LoadFailure extends Error {
  override readonly name: string
  readonly code: unknown

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = PREFIX + (cause instanceof Error ? cause.name : 'Error')
    this.code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  }
}

/** Runs a load, and marks what it throws. */
export async function orLoadFailure<Value>(load: () => Awaitable<Value>): Promise<Value> {
  try {
    return await load()
  } catch (cause) {
    throw new LoadFailure(cause)
  }
}

/** What a load threw, here or, as far as it has travelled, elsewhere; `undefined` for an error that is no load's. */
export function readLoadFailure(error: unknown): { readonly cause: unknown } | undefined {
  if (error instanceof LoadFailure) return { cause: error.cause }
  if (!(error instanceof Error) || !error.name.startsWith(PREFIX)) return undefined
  // Another object for each caller: this one is shared.
  const { message, name, ...own } = error
  return { cause: Object.assign(new Error(message), own, { name: name.slice(PREFIX.length) }) }
}
