import { BatchProcessingError } from '@x/core'

import { type BatchRequest } from '../batch/batch-request.ts'
import { type BatchResult } from '../batch/batch-result.ts'
import { type BatchStrategyManager } from '../batch/batch-strategy-manager.ts'
import { type FileContent } from './file-content.ts'
import { FileNotFoundError, isFileNotFoundError } from './file-not-found-error.ts'
import { type Repository, type SweptRepository } from '../repository.ts'

/** Paths of one repository, and which of them matter more to the caller. */
export interface FileBatch {
  /** Has them. */
  readonly repo: Repository | SweptRepository
  /** From the root of the repository. */
  readonly filePaths: readonly string[]
  /** Paths or base names. */
  readonly priorityFiles: readonly string[]
}

/**
 * The requests for a batch, the most important first where the configuration says so. What a path holds at a commit never changes, so that the cache may remember it
 * by the commit where that is known.
 */
export function requestsFor(
  { repo, filePaths, priorityFiles }: FileBatch,
  { strategies, prioritized }: { readonly strategies: BatchStrategyManager; readonly prioritized: boolean },
): BatchRequest[] {
  const commit = 'head' in repo ? repo.head?.commit : undefined
  const paths = [...new Set(filePaths)]
  const files = strategies.prioritizeFiles(paths, { priorityFiles })
  const position = new Map(paths.map((path, index) => [path, index]))
  const ordered = prioritized
    ? files
    : files.toSorted((a, b) => (position.get(a.path) ?? 0) - (position.get(b.path) ?? 0))
  return ordered.map(({ path, priority, estimatedSize }) => ({
    repo,
    filePath: path,
    priority: prioritized ? priority : 0,
    estimatedSize,
    cacheKey: commit === undefined ? undefined : `${commit}:${path}`,
  }))
}

/**
 * The contents by path, in the order asked.
 *
 * @throws FileNotFoundError naming every path that the repository does not have; BatchProcessingError when others could not be read.
 */
export function contentsOf({ repo, filePaths }: FileBatch, results: readonly BatchResult[]): Map<string, FileContent> {
  const byPath = new Map(results.map((result) => [result.request.filePath, result]))
  const failed = results.filter(({ error }) => error !== undefined && !isFileNotFoundError(error))
  if (failed[0] !== undefined) {
    const words = failed.map(({ request, error }) => `${request.filePath}: ${error?.message ?? ''}`)
    const message = `${repo.fullName}: ${failed.length} of ${byPath.size} files could not be read: ${words.join('; ')}`
    throw new BatchProcessingError(message, { cause: failed[0].error })
  }
  const absent = filePaths.filter((path) => byPath.get(path)?.content === undefined)
  if (absent.length > 0) throw new FileNotFoundError(repo.fullName, [...new Set(absent)])
  return new Map(
    filePaths.flatMap((path): [string, FileContent][] => {
      const content = byPath.get(path)?.content
      return content === undefined ? [] : [[path, content]]
    }),
  )
}
