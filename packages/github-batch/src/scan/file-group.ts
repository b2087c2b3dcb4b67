import { type DependencyFile } from '../discovery/dependency-discovery.ts'
import { prioritizeFile } from '../batch/prioritized-file.ts'
import { type Repository } from '../repository.ts'

/** A dependency file of one repository. */
export interface RepositoryFile extends DependencyFile {
  /** Has it. */
  readonly repository: Repository
}

/** Files whose content and path are the same are parsed once. */
export type FileGroup = readonly [RepositoryFile, ...RepositoryFile[]]

/** How much reading a content matters, by the paths that it has. */
export function priorityOf(groups: readonly FileGroup[]): number {
  return Math.max(...groups.map(([{ path }]) => prioritizeFile(path).priority))
}

/** The files by a key. */
export function groupsOf(
  files: readonly RepositoryFile[],
  keyOf: (file: RepositoryFile) => string,
): [key: string, group: FileGroup][] {
  return [...Map.groupBy(files, keyOf)] as [string, FileGroup & RepositoryFile[]][]
}
