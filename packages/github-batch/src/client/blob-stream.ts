import { createHash } from 'node:crypto'

import { GitHubAPIError, isNetworkError, NetworkError } from '@x/core'

import { type LocatedFile } from '../files/file-locator.ts'
import { type GitHubCallOptions } from './call-options.ts'
import { type GitHubClient } from './github-client.ts'
import { type Repository } from '../repository.ts'

/** So often in a row an answer may break off without having brought anything new. */
const MOST_STALLS = 3

/** A file to read as it comes. */
export interface StreamedFile extends LocatedFile {
  /** Has it. */
  readonly repository: Repository
}

/**
 * Reads a file as it comes, no faster than it is asked for. Where the answer breaks off it is asked for again, and what was
 * handed out already is passed over: an object never changes.
 *
 * @throws GitHubAPIError at the end when the bytes were not those of the object; NetworkError when the answer breaks off again
 * and again; RateLimitError; the signal's reason when it aborts.
 */
export async function* streamBlob(
  client: GitHubClient,
  file: StreamedFile,
  options: GitHubCallOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { repository, oid, size } = file
  const hash = createHash('sha1').update(`blob ${size}\0`)
  let received = 0
  let stalls = 0
  while (received < size) {
    const before = received
    try {
      for await (const piece of piecesFrom(client, { ...file, position: received }, options)) {
        received += piece.byteLength
        hash.update(piece)
        yield piece
      }
      if (received < size) throw new NetworkError(`${repository.fullName}: object ${oid} ended after ${received} bytes`)
    } catch (error) {
      options.signal?.throwIfAborted()
      stalls = received > before ? 0 : stalls + 1
      if (!isNetworkError(error) || stalls >= MOST_STALLS) throw error
    }
  }
  if (hash.digest('hex') !== oid) {
    throw new GitHubAPIError(`${repository.fullName}: the bytes that came are not those of object ${oid}`, 200)
  }
}

/** What an answer brings from a position on. */
async function* piecesFrom(
  client: GitHubClient,
  { repository, oid, position }: StreamedFile & { readonly position: number },
  options: GitHubCallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let passed = 0
  for await (const piece of await client.openBlob(repository, oid, options)) {
    const fresh = piece.subarray(Math.max(0, position - passed))
    passed += piece.byteLength
    if (fresh.byteLength > 0) yield fresh
  }
}
