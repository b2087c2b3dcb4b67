import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import { EXIT_CODES } from '@x/core'

import { ProgramError } from '../cli/program-error.ts'

/** Where a result goes: stdout, or a file that is whole or not there. */
export interface ResultOutput {
  /** What it is called; `undefined`: stdout. */
  readonly path: string | undefined
  write(text: string): Promise<void>
  /** Leaves no trace if nothing was written. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens it before the work begins, so that a place that cannot be written is known at once.
 *
 * @param path - `undefined` or `-`: stdout.
 * @throws ProgramError when the file cannot be made.
 */
export async function openResultOutput(path: string | undefined): Promise<ResultOutput> {
  if (path === undefined || path === '-') return STDOUT
  try {
    const target = await targetOf(path)
    return target.isFile ? await openAtomically(path, target) : await openInPlace(path)
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

function cannotWrite(path: string, cause: unknown): ProgramError {
  const { code = '' } = cause as NodeJS.ErrnoException
  return new ProgramError(`Cannot write ${path}: ${WHY[code] ?? code}.`, EXIT_CODES.general, { cause })
}

const WHY: Readonly<Record<string, string | undefined>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is not one',
  EISDIR: 'it is a folder',
  EACCES: 'its folder may not be written',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  ENXIO: 'it is a socket',
  EROFS: 'it is on a disk that may not be written',
}

const STDOUT: ResultOutput = {
  path: undefined,
  write: (text) => {
    process.stdout.write(text)
    return Promise.resolve()
  },
  close: () => Promise.resolve(),
}

interface Target {
  /** Behind any symbolic links. */
  readonly path: string
  readonly isFile: boolean
  readonly mode: number
}

async function targetOf(path: string): Promise<Target> {
  const found = await unlessAbsent(stat(path))
  if (found === undefined) {
    const link = await unlessAbsent(readlink(path))
    // A link to a file that is not there yet stays a link.
    return link === undefined
      ? { path, isFile: true, mode: 0o666 }
      : targetOf(resolve(await realpath(dirname(path)), link))
  }
  if (found.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
  // What is open without a name, as a pipe behind /dev/stdout or a file that was removed, can be written and has no place.
  const target = found.isFile() ? await unlessAbsent(realpath(path)) : undefined
  return { path: target ?? path, isFile: target !== undefined, mode: found.mode & 0o777 }
}

/** `undefined` where there is nothing, or no link. */
async function unlessAbsent<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if (!['ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return undefined
  }
}

/** What is no file with a name can only be written to, not replaced. */
async function openInPlace(path: string): Promise<ResultOutput> {
  const file = await open(path, 'w')
  return {
    path,
    write: async (text) => {
      try {
        await file.writeFile(text)
      } catch (error) {
        throw cannotWrite(path, error)
      }
    },
    close: () => closeOnce(file),
  }
}

async function openAtomically(path: string, { path: target, mode }: Target): Promise<ResultOutput> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  const file = await open(temporary, 'wx', mode)
  let written = false
  return {
    path,
    write: async (text) => {
      try {
        await file.writeFile(text)
        await file.sync()
        await file.close()
        await rename(temporary, target)
      } catch (error) {
        throw cannotWrite(path, error)
      }
      written = true
    },
    close: async () => {
      await closeOnce(file)
      if (!written) await rm(temporary, { force: true })
    },
  }
}

/** A handle that is closed has a negative descriptor. */
async function closeOnce(file: FileHandle): Promise<void> {
  if (file.fd >= 0) await file.close()
}
