import { BatchProcessingError } from '@x/core'

/** A repository has no such files at the commit that was read. */
export class FileNotFoundError extends BatchProcessingError {
  override readonly name = 'FileNotFoundError'
  /** `owner/name`. */
  readonly repository: string
  /** From the root of the repository. */
  readonly paths: readonly string[]

  constructor(repository: string, paths: readonly string[], options?: ErrorOptions) {
    super(
      `${repository} has no ${paths.length === 1 ? 'file' : 'files'} ${paths.join(', ')}. Check the path and the branch.`,
      options,
    )
    this.repository = repository
    this.paths = paths
  }
}

/** Whether an error is a `FileNotFoundError`, of this or another installed copy of the package. */
export function isFileNotFoundError(error: unknown): error is FileNotFoundError {
  return error instanceof Error && error.name === 'FileNotFoundError' && 'paths' in error
}
