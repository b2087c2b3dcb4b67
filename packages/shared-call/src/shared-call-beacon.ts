import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CacheError } from '@x/core'

const MEMBER_BITS = 32n

/**
 * Shows that a thread lives, without its doing anything: an open file without a name, in which its number stands. However a
 * thread ends (returns, exits, throws, is terminated, also in the middle of a loop or while it
 * blocks), Node closes its files, once it runs no JavaScript any more; and whether a file is open can be asked at any time
 * from any thread of the process, also where no event loop turns.
 *
 * BAD: the worker's `exit` event, or the `close` event of a port: nobody hears them who blocks. A heartbeat: a busy
 * thread has none. (A port in the handle would also need a transfer list, and serve one thread only.)
 */
export class Beacon {
  /** The member's number and its file, as one word that can be swapped atomically. */
  readonly claim: bigint
  readonly #file: number

  constructor(instance: string, member: number) {
    const text = inscription(instance, member)
    this.#file = openNameless(text)
    this.claim = (BigInt(this.#file) << MEMBER_BITS) | BigInt(member)
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Whether the thread that made this claim lives. The file number may long be another's: what it says decides. */
  static isLit(instance: string, claim: bigint): boolean {
    const file = Number(claim >> MEMBER_BITS)
    const expected = inscription(instance, memberOf(claim))
    const found = Buffer.alloc(expected.length + 1)
    try {
      // Before it is read: reading from a terminal or a pipe would take what is not ours.
      if (!fstatSync(file).isFile()) return false
      return found.toString('latin1', 0, readSync(file, found, 0, found.length, 0)) === expected
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBADF') return false
      throw error
    }
  }
}

/** The number of the member that made a claim. */
export function memberOf(claim: bigint): number {
  return Number(claim & ((1n << MEMBER_BITS) - 1n))
}

function inscription(instance: string, member: number): string {
  return `shared-call-${instance}-${member}`
}

/** With its name as its content, in the first folder that can be written to: some containers have only `/dev/shm`. */
function openNameless(name: string): number {
  let cause: unknown
  for (const folder of [tmpdir(), '/dev/shm']) {
    const path = join(folder, name)
    let file: number | undefined
    try {
      file = openSync(path, 'wx+', 0o600)
      unlinkSync(path)
      writeSync(file, name)
      return file
    } catch (error) {
      if (file !== undefined) closeSync(file)
      cause ??= error
    }
  }
  throw new CacheError('INVALID_CONFIGURATION', {
    message: `SharedCall needs a temporary file for each thread, and cannot make one in ${tmpdir()}. Set TMPDIR to a folder that can be written to.`,
    cause,
  })
}
