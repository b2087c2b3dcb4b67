import type { CacheStore } from '@x/core'
import { type ParsedLockfile, PARSER_VERSION } from '@x/lockfiles'

import { blobOid } from './blob-oid.ts'
import { type Discovery } from './dependency-discovery.ts'
import { type LocatedFile } from './file-locator.ts'
import { type PartialDiscovery, type TreeProgress } from './tree-discoverer.ts'
import { type FetchedBlob } from './blob-fetcher.ts'

/** A file's content as a store keeps it: as text where it is clean UTF-8, else in base64. */
type StoredBlob = { readonly text: string } | { readonly base64: string }

/** A tree as a store keeps it: the whole discovery, or how far it came. */
export type StoredTree = { readonly discovery: Discovery } | { readonly partial: PartialDiscovery }

type Entries = readonly (readonly [key: string, value: unknown])[]

/**
 * What was read, kept by content: object id → bytes, tree → dependency files, content and file name → packages.
 * A store that fails costs calls, never the scan: a failed read is a miss, a failed write is dropped, both are told.
 */
export class ContentStore {
  readonly #store: CacheStore
  readonly #onError: (error: unknown) => void
  /** What the reader of a file name or a content made of it may change with a newer one. */
  readonly #trees = { category: `tree@${PARSER_VERSION}` }
  readonly #packages = { category: `packages@${PARSER_VERSION}` }
  readonly #blobs = { category: 'blob' }
  readonly #paths = { category: 'path' }
  #hits = 0

  constructor(store: CacheStore, onError: (error: unknown) => void) {
    this.#store = store
    this.#onError = (error) => {
      try {
        onError(error)
      } catch {
        // Who listens cannot stop the scan.
      }
    }
  }

  /** Trees, contents and parsed files that were there. */
  get hits(): number {
    return this.#hits
  }

  /** Trees by object id. */
  getTrees(oids: readonly string[]): Promise<ReadonlyMap<string, StoredTree>> {
    return this.#getMany<StoredTree>(oids, this.#trees)
  }

  /** Keeps how far an answer has brought its trees, in one write. */
  setTrees(progress: readonly TreeProgress[]): Promise<void> {
    const entries = progress.flatMap((each): Entries => {
      if ('error' in each) return []
      return [[each.tree, 'partial' in each ? { partial: each.partial } : { discovery: each.discovery }]]
    })
    return this.#setMany(entries, this.#trees)
  }

  /** By `packagesKey`. */
  getPackages(keys: readonly string[]): Promise<ReadonlyMap<string, ParsedLockfile>> {
    return this.#getMany<ParsedLockfile>(keys, this.#packages)
  }

  /** By `packagesKey`, in one write. */
  setPackages(parsed: Entries): Promise<void> {
    return this.#setMany(parsed, this.#packages)
  }

  /** The bytes of a content, unless the store has altered them. */
  async getBlob(oid: string): Promise<Uint8Array | undefined> {
    return (await this.getBlobs([oid])).get(oid)
  }

  /** The bytes of contents, but for those that the store has altered. */
  async getBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const stored = await this.#getMany<StoredBlob>(oids, this.#blobs)
    const contents = [...stored].map(([oid, blob]) => [oid, bytesOf(blob)] as const)
    return new Map(contents.filter(([oid, bytes]) => blobOid(bytes) === oid))
  }

  /** Keeps the contents of an answer, in one write. */
  setBlobs(blobs: readonly FetchedBlob[]): Promise<void> {
    return this.#setMany(
      blobs.flatMap((blob): Entries => ('bytes' in blob ? [[blob.oid, storedBlob(blob.bytes)]] : [])),
      this.#blobs,
    )
  }

  /** What paths hold that never change, by the caller's own keys. */
  getPaths(keys: readonly string[]): Promise<ReadonlyMap<string, LocatedFile>> {
    return this.#getMany<LocatedFile>(keys, this.#paths)
  }

  /** By the caller's own keys, in one write. */
  setPaths(paths: readonly (readonly [key: string, file: LocatedFile])[]): Promise<void> {
    return this.#setMany(paths, this.#paths)
  }

  async #getMany<T>(keys: readonly string[], scope: { category: string }): Promise<Map<string, T>> {
    try {
      const found = keys.length === 0 ? new Map<string, T>() : await this.#store.getMany<T>(keys, scope)
      this.#hits += found.size
      return found
    } catch (error) {
      this.#onError(error)
      return new Map()
    }
  }

  async #setMany(entries: Entries, scope: { category: string }): Promise<void> {
    if (entries.length === 0) return
    try {
      await this.#store.setMany(entries, scope)
    } catch (error) {
      this.#onError(error)
    }
  }
}

/** One content may be read differently under another file name. */
export function packagesKey(oid: string, path: string): string {
  return `${oid}:${path.slice(path.lastIndexOf('/') + 1)}`
}

function bytesOf(stored: StoredBlob): Uint8Array {
  return 'text' in stored ? Buffer.from(stored.text) : Buffer.from(stored.base64, 'base64')
}

function storedBlob(bytes: Uint8Array): StoredBlob {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString()
  return Buffer.from(text).equals(buffer) ? { text } : { base64: buffer.toString('base64') }
}
