import { LockfileFault } from '../lockfile-fault.ts'

/**
 * Refuses `bun.lockb`: it is binary, and no text of it can be read. Bun 1.2 and later write `bun.lock` instead.
 *
 * @throws LockfileFault `UNSUPPORTED_VERSION`, always: what is installed is not known.
 */
export function refuseBunBinaryLockfile(): never {
  throw new LockfileFault(
    'UNSUPPORTED_VERSION',
    'A binary bun.lockb is not read: write bun.lock with bun install --save-text-lockfile.',
  )
}
