/** An IOC list that cannot be read or understood. */
export class IocListError extends Error {
  override readonly name = 'IocListError'
  /** The file. */
  readonly path: string
  /** The line, counted from 1, where one is to blame. */
  readonly line?: number | undefined

  constructor(message: string, { path, line, cause }: { path: string; line?: number | undefined; cause?: unknown }) {
    super(message, { cause })
    this.path = path
    this.line = line
  }
}
