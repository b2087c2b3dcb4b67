/** A file of a repository, without its content. */
export interface FileInfo {
  /** From the root of the repository. */
  readonly path: string
  /** Bytes; 0 where it is not known. */
  readonly size: number
  /** What it is, as `PrioritizedFile.fileType` has it. */
  readonly type: string
  /** The object id of its content. */
  readonly sha: string
}
