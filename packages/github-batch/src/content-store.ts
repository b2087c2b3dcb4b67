import type { CacheStore } from '@x/core'
import { type ParsedLockfile, PARSER_VERSION } from '@x/lockfiles'

import { type Discovery } from './dependency-discovery.ts'

/** A file's content as a store keeps it: as text where it is clean UTF-8, else in base64. */
type StoredBlob = { readonly text: string } | { readonly base64: string }

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

  getDiscovery(tree: string): Promise<Discovery | undefined> {
    return this.#get<Discovery>(tree, this.#trees)
  }

  setDiscovery(tree: string, discovery: Discovery): Promise<void> {
    return this.#set(tree, discovery, this.#trees)
  }

  /** By `packagesKey`. */
  getPackages(key: string): Promise<ParsedLockfile | undefined> {
    return this.#get<ParsedLockfile>(key, this.#packages)
  }

  setPackages(key: string, parsed: ParsedLockfile): Promise<void> {
    return this.#set(key, parsed, this.#packages)
  }

  async getBlob(oid: string): Promise<Uint8Array | undefined> {
    const stored = await this.#get<StoredBlob>(oid, this.#blobs)
    if (stored === undefined) return undefined
    return 'text' in stored ? Buffer.from(stored.text) : Buffer.from(stored.base64, 'base64')
  }

  setBlob(oid: string, bytes: Uint8Array): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const text = buffer.toString()
    const stored: StoredBlob = Buffer.from(text).equals(buffer) ? { text } : { base64: buffer.toString('base64') }
    return this.#set(oid, stored, this.#blobs)
  }

  async #get<T>(key: string, scope: { category: string }): Promise<T | undefined> {
    try {
      const value = await this.#store.get<T>(key, scope)
      if (value !== undefined) this.#hits += 1
      return value
    } catch (error) {
      this.#onError(error)
      return undefined
    }
  }

  async #set(key: string, value: unknown, scope: { category: string }): Promise<void> {
    try {
      await this.#store.set(key, value, scope)
    } catch (error) {
      this.#onError(error)
    }
  }
}

/** One content may be read differently under another file name. */
export function packagesKey(oid: string, path: string): string {
  return `${oid}:${path.slice(path.lastIndexOf('/') + 1)}`
}
