import { type ParsedLockfile, PARSER_VERSION } from '@x/lockfiles'

import { blobOid } from './blob-oid.ts'
import { type LocatedFile } from './file-locator.ts'
import { type Entries, type ForgivingStore, type Shelf } from './forgiving-store.ts'
import { type KnownTree, type TreeProgress } from '../discovery/tree-discoverer.ts'
import { type FetchedBlob, type FetchedContent } from './blob-fetcher.ts'
import { anyOf, isBoolean, isNumber, isText, listOf, objectOf } from './value-shape.ts'

/** A file's content as a store keeps it: as text where it is clean UTF-8, else in base64. */
type StoredBlob = { readonly text: string } | { readonly base64: string }

/** What a store had. */
export interface KeptCounts {
  /** Trees whose dependency files were known. */
  readonly trees: number
  /** Contents of files. */
  readonly contents: number
  /** Files whose packages were known. */
  readonly parsedFiles: number
}

const TTL = '90d'

const FILES = listOf(objectOf({ path: isText, oid: isText, size: isNumber }))
const DISCOVERY = objectOf({ files: FILES, gaps: listOf(objectOf({ path: isText, why: isText })) })
const PARTIAL = objectOf({ files: FILES, linked: isBoolean, open: listOf(objectOf({ path: isText, oid: isText })) })
const TREE = anyOf(objectOf({ discovery: DISCOVERY }), objectOf({ partial: PARTIAL }))
const PACKAGES = objectOf({
  packages: listOf(
    objectOf({ name: isText, version: isText, ecosystem: isText, source: isText, line: isNumber, direct: isBoolean }),
  ),
  ranges: listOf(objectOf({ name: isText, range: isText, ecosystem: isText, line: isNumber })),
  problems: listOf(objectOf({ line: isNumber, reason: isText })),
})
const BLOB = anyOf(objectOf({ text: isText }), objectOf({ base64: isText }))
const PLACE = objectOf({ oid: isText, size: isNumber })

/** What was read, kept by content: object id → bytes, tree → dependency files, content and path → packages. */
export class ContentStore {
  readonly #store: ForgivingStore
  /** What the reader of a file name or a content made of it may change with a newer one. */
  readonly #trees: Shelf = { category: `tree@${PARSER_VERSION}`, ttl: TTL, shape: TREE }
  readonly #packages: Shelf = { category: `packages@${PARSER_VERSION}`, ttl: TTL, shape: PACKAGES }
  readonly #blobs: Shelf = { category: 'blob', ttl: TTL, shape: BLOB }
  readonly #paths: Shelf = { category: 'path', ttl: TTL, shape: PLACE }
  readonly #hits = { trees: 0, contents: 0, parsedFiles: 0 }

  constructor(store: ForgivingStore) {
    this.#store = store
  }

  /** What was there so far. */
  get kept(): KeptCounts {
    return { ...this.#hits }
  }

  /** Trees by object id. */
  async getTrees(oids: readonly string[]): Promise<ReadonlyMap<string, KnownTree>> {
    const found = await this.#store.getMany<KnownTree>(oids, this.#trees)
    this.#hits.trees += found.size
    return found
  }

  /** Keeps how far an answer has brought its trees, in one write. */
  setTrees(progress: readonly TreeProgress[]): Promise<void> {
    const entries = progress.flatMap((each): Entries => {
      if ('error' in each) return []
      return [[each.tree, 'partial' in each ? { partial: each.partial } : { discovery: each.discovery }]]
    })
    return this.#store.setMany(entries, this.#trees)
  }

  /** By `packagesKey`. */
  async getPackages(keys: readonly string[]): Promise<ReadonlyMap<string, ParsedLockfile>> {
    const found = await this.#store.getMany<ParsedLockfile>(keys, this.#packages)
    this.#hits.parsedFiles += found.size
    return found
  }

  /** By `packagesKey`, in one write. */
  setPackages(parsed: Entries): Promise<void> {
    return this.#store.setMany(parsed, this.#packages)
  }

  /** The bytes of a content, unless the store has altered them. */
  async getBlob(oid: string): Promise<Uint8Array | undefined> {
    return (await this.getBlobs([oid])).get(oid)
  }

  /** The bytes of contents, but for those that the store has altered. */
  async getBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const stored = await this.#store.getMany<StoredBlob>(oids, this.#blobs)
    const contents = [...stored].map(([oid, blob]) => [oid, bytesOf(blob)] as const)
    const whole = contents.filter(([oid, bytes]) => blobOid(bytes) === oid)
    this.#hits.contents += whole.length
    return new Map(whole)
  }

  /** Keeps the contents of an answer, in one write. */
  setBlobs(blobs: readonly FetchedBlob[]): Promise<void> {
    return this.#store.setMany(
      blobs.flatMap((blob): Entries => ('bytes' in blob ? [[blob.oid, storedBlob(blob)]] : [])),
      this.#blobs,
    )
  }

  /** What paths hold that never change, by the caller's own keys. */
  getPaths(keys: readonly string[]): Promise<ReadonlyMap<string, LocatedFile>> {
    return this.#store.getMany<LocatedFile>(keys, this.#paths)
  }

  /** By the caller's own keys, in one write. */
  setPaths(paths: readonly (readonly [key: string, file: LocatedFile])[]): Promise<void> {
    return this.#store.setMany(paths, this.#paths)
  }
}

/** One content may be read differently under another path: the folder tells whether what a requirements file includes is read. */
export function packagesKey(oid: string, path: string): string {
  return `${oid}:${path}`
}

function bytesOf(stored: StoredBlob): Uint8Array {
  return 'text' in stored ? Buffer.from(stored.text) : Buffer.from(stored.base64, 'base64')
}

function storedBlob({ bytes, text }: FetchedContent): StoredBlob {
  if (text !== undefined) return { text }
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
}
