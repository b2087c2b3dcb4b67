import { randomBytes } from 'node:crypto'

import { encodeKey } from '@x/core'

/** Nobody's own keys begin like this, so that they never meet the derived ones. */
const PREFIX = `fn-${randomBytes(16).toString('hex')}-`

const identities = new WeakMap<object, number>()
let count = 0

/**
 * The key that `group()` gives to a call of a function with these arguments, unless told otherwise: the identity of the
 * function, and `encodeKey` of its arguments. Equal only for the same function and equal arguments, and only in this
 * process.
 *
 * @throws TypeError for arguments without an identity: see `encodeKey`.
 */
export function callKey(fn: (...args: never[]) => unknown, ...args: readonly unknown[]): string {
  return methodKey(fn, undefined, args)
}

/** `callKey` for a method: calls on different objects are different calls. */
export function methodKey(fn: object, owner: unknown, args: readonly unknown[]): string {
  const receiver = Object(owner) === owner ? `@${identityOf(owner as object)}` : ''
  return `${PREFIX}${identityOf(fn)}${receiver}(${encodeKey(...args)})`
}

function identityOf(value: object): number {
  let identity = identities.get(value)
  if (identity === undefined) {
    count += 1
    identity = count
    identities.set(value, identity)
  }
  return identity
}
