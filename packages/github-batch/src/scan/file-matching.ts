import { isLockfileError, type ParsedLockfile, parseLockfile } from '@x/lockfiles'

import { type BatchRecorder } from '../batch/batch-metrics-collector.ts'
import { type FetchedBlob, type WantedBlob } from '../files/blob-fetcher.ts'
import { cleanText } from '../files/clean-text.ts'
import { packagesKey } from '../files/content-store.ts'
import { type FileGroup, groupsOf, priorityOf, type RepositoryFile } from './file-group.ts'
import { MatchNotes, type MatchNotesParts } from './match-notes.ts'
import { type Repository } from '../repository.ts'

/** What matching works with. */
export interface FileMatchingParts extends MatchNotesParts {
  /** Told how many files the store had. */
  readonly metrics?: BatchRecorder | undefined
  /** Fetches contents: each comes back by `addBlob`. */
  readonly fetch: (wanted: readonly WantedBlob[]) => void
  /** A file of a repository is matched, or missed. */
  readonly onDone: (repository: string) => void
  /** Lets others have their turn, now and then. */
  readonly turn: () => Promise<void>
}

/** So many parsed files, or contents, are read from the store together. */
const FILES_AT_ONCE = 20
/** And contents of no more bytes than this, unless one alone has more. */
const BYTES_AT_ONCE = 8_000_000

/** A content on its way. */
interface Awaited {
  readonly groups: FileGroup[]
  /** Whoever has it, also those that came later: where one refuses, the next is asked. */
  readonly repositories: [Repository, ...Repository[]]
}

/** Matches files by content: parsed or at hand in the store, or else fetched, each content once. */
export class FileMatching {
  readonly #parts: FileMatchingParts
  readonly #notes: MatchNotes
  /** The files that wait for their content, by object id. */
  readonly #awaited = new Map<string, Awaited>()

  constructor(parts: FileMatchingParts) {
    this.#parts = parts
    this.#notes = new MatchNotes(parts)
  }

  /** Matches what the store has, and asks for the rest; in the order given, or the most important contents first. */
  async add(files: readonly RepositoryFile[], fileOrder: 'priority' | 'listed'): Promise<void> {
    const unread = await this.#matchParsed(files)
    if (fileOrder === 'priority') unread.sort(([, a], [, b]) => priorityOf(b) - priorityOf(a))
    const news = unread.filter(([oid, groups]) => this.#awaitContent(oid, groups))
    const wanted: WantedBlob[] = []
    let kept = files.length - filesIn(unread)
    for (const some of chunksOf(news)) {
      const contents = await this.#parts.content.getBlobs(some.map(([oid]) => oid))
      for (const [oid, groups] of some) {
        const bytes = contents.get(oid)
        const repositories = this.#awaited.get(oid)?.repositories
        if (bytes === undefined && repositories !== undefined) wanted.push({ oid, size: sizeOf(groups), repositories })
        else if (bytes !== undefined) {
          kept += groups.flat().length
          await this.addBlob({ oid, bytes, text: cleanText(bytes) })
        }
      }
    }
    this.#countKept(kept)
    this.#parts.fetch(wanted)
  }

  /** Takes a content that was fetched, or why it could not be. */
  async addBlob(blob: FetchedBlob): Promise<void> {
    const { groups } = this.#awaited.get(blob.oid) ?? { groups: [] }
    this.#awaited.delete(blob.oid)
    if ('error' in blob) this.#miss(groups, blob.error)
    else await this.#parse(blob, groups)
  }

  /** Nothing more will come. */
  missAll(error: Error): void {
    const all = [...this.#awaited.values()]
    this.#awaited.clear()
    for (const { groups } of all) this.#miss(groups, error)
  }

  /** Matches what the store has parsed before; the rest is the answer, by object id. */
  async #matchParsed(files: readonly RepositoryFile[]): Promise<[oid: string, groups: FileGroup[]][]> {
    const groups = groupsOf(files, ({ oid, path }) => packagesKey(oid, path))
    const unread = new Map<string, FileGroup[]>()
    for (let start = 0; start < groups.length; start += FILES_AT_ONCE) {
      const some = groups.slice(start, start + FILES_AT_ONCE)
      const known = await this.#parts.content.getPackages(some.map(([key]) => key))
      for (const [key, group] of some) {
        const parsed = known.get(key)
        if (parsed !== undefined) {
          await this.#notes.noteKept(group, parsed)
          this.#end(group)
        } else unread.set(group[0].oid, [...(unread.get(group[0].oid) ?? []), group])
      }
      await this.#parts.turn()
    }
    return [...unread]
  }

  /** Notes who waits for a content; `false` where it is on its way already. */
  #awaitContent(oid: string, groups: readonly FileGroup[]): boolean {
    const repositories = groups.flat().map(({ repository }) => repository) as [Repository, ...Repository[]]
    const awaited = this.#awaited.get(oid)
    if (awaited === undefined) {
      this.#awaited.set(oid, { groups: [...groups], repositories })
      return true
    }
    awaited.groups.push(...groups)
    awaited.repositories.push(...repositories)
    return false
  }

  #countKept(kept: number): void {
    if (kept === 0) return
    const counts = { batchSize: kept, successCount: kept, cacheHits: kept, apiCalls: 0 }
    this.#parts.metrics?.recordBatchOperation({ operationType: 'kept_file', durationMs: 0, ...counts })
  }

  /** Parses a content under each path that it has, keeps the packages and matches them. */
  async #parse(
    { oid, bytes, text }: Extract<FetchedBlob, { bytes: Uint8Array }>,
    groups: readonly FileGroup[],
  ): Promise<void> {
    const readable = text ?? new TextDecoder().decode(bytes)
    const parsed: [FileGroup, ParsedLockfile][] = []
    for (const group of groups) {
      try {
        parsed.push([group, parseLockfile(group[0].path, readable)])
      } catch (error) {
        this.#miss([group], error as Error)
      }
    }
    await this.#parts.content.setPackages(parsed.map(([[{ path }], packages]) => [packagesKey(oid, path), packages]))
    for (const [group, packages] of parsed) {
      this.#notes.note(group, packages, readable)
      this.#end(group)
    }
    await this.#parts.turn()
  }

  #end(group: FileGroup): void {
    for (const { repository } of group) this.#parts.onDone(repository.fullName)
  }

  #miss(groups: readonly FileGroup[], error: Error): void {
    for (const { repository, path } of groups.flat()) {
      // A file's own error begins with the path of the first file that had this content.
      const why = isLockfileError(error) ? error.message.slice(error.path.length) : `: ${error.message}`
      this.#parts.ledger.addGap(repository.fullName, `${path}${why}`)
      this.#parts.onDone(repository.fullName)
    }
  }
}

function filesIn(contents: readonly [oid: string, groups: FileGroup[]][]): number {
  return contents.reduce((total, [, groups]) => total + groups.flat().length, 0)
}

function sizeOf(groups: readonly FileGroup[]): number {
  return groups[0]?.[0].size ?? 0
}

/** Contents that are read from the store together. */
function* chunksOf(
  contents: readonly [oid: string, groups: FileGroup[]][],
): Generator<[oid: string, groups: FileGroup[]][]> {
  let chunk: [oid: string, groups: FileGroup[]][] = []
  let bytes = 0
  for (const content of contents) {
    const size = sizeOf(content[1])
    if (chunk.length >= FILES_AT_ONCE || (chunk.length > 0 && bytes + size > BYTES_AT_ONCE)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(content)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
