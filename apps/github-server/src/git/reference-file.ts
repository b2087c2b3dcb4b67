import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isOid } from './git-object.ts'

const SYMBOLIC = 'ref: '
const LONGEST_CHAIN = 5

/**
 * The object that a full reference name (`refs/heads/main`) points at, read from the repository's files: a sweep over a
 * thousand repositories must not start a thousand processes.
 *
 * @throws the system's error if the folder is no repository.
 */
export async function readReference(gitDir: string, name: string): Promise<string | undefined> {
  let current = name
  for (let hop = 0; hop < LONGEST_CHAIN; hop += 1) {
    if (!isSafeName(current)) return undefined
    const text = await readIfPresent(join(gitDir, current))
    if (text === undefined) return packedReference(gitDir, current)
    const value = text.trim()
    if (!value.startsWith(SYMBOLIC)) return isOid(value) ? value : undefined
    current = value.slice(SYMBOLIC.length)
  }
  return undefined
}

/** A name must not lead out of the repository's folder. */
function isSafeName(name: string): boolean {
  return (
    name.startsWith('refs/') && !name.includes('\0') && !name.split('/').some((part) => /^\.|^$|\.lock$/.test(part))
  )
}

async function packedReference(gitDir: string, name: string): Promise<string | undefined> {
  const packed = (await readIfPresent(join(gitDir, 'packed-refs'))) ?? ''
  const line = packed.split('\n').find((candidate) => candidate.endsWith(` ${name}`))
  // A folder that is gone, or is no repository, must not pass for an empty one.
  if (line === undefined) await access(join(gitDir, 'HEAD'))
  const oid = line?.slice(0, line.indexOf(' '))
  return oid !== undefined && isOid(oid) ? oid : undefined
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(code)) return undefined
    throw error
  }
}
