/** A request, or a batch of them, failed. */
export class BatchProcessingError extends Error {
  override readonly name: string = 'BatchProcessingError'
}

/** A limit is used up, and waiting for it takes longer than the caller allows. */
export class RateLimitError extends BatchProcessingError {
  override readonly name = 'RateLimitError'
  /** When requests are answered again: milliseconds since the Unix epoch. */
  readonly resetTime: number

  constructor(message: string, resetTime: number, options?: ErrorOptions) {
    super(message, options)
    this.resetTime = resetTime
  }
}

/** No whole answer came: no connection, a cut one, or none in time. */
export class NetworkError extends BatchProcessingError {
  override readonly name = 'NetworkError'
}

/** A server answered, and not with what its kind answers: a login page, or the words of another server. */
export class UnreadableAnswerError extends BatchProcessingError {
  override readonly name = 'UnreadableAnswerError'
}

/** GitHub answered, and not with what was asked for. */
export class GitHubAPIError extends BatchProcessingError {
  override readonly name = 'GitHubAPIError'
  /** The HTTP status: 200 for an answer that carries GraphQL errors, or bytes other than those asked for. */
  readonly statusCode: number

  constructor(message: string, statusCode: number, options?: ErrorOptions) {
    super(message, options)
    this.statusCode = statusCode
  }
}

/** What a server answered besides its status. */
export interface HttpStatusErrorOptions extends ErrorOptions {
  /** The answer's headers. */
  readonly headers?: Pick<Headers, 'get'> | undefined
  /** The beginning of its body, without secrets. */
  readonly body?: string | undefined
}

/** A server answered with a status that says no. */
export class HttpStatusError extends BatchProcessingError {
  override readonly name = 'HttpStatusError'
  /** The HTTP status: 400 or above, or of a redirect that was not followed. */
  readonly statusCode: number
  /** The beginning of the answer's body, without secrets. */
  readonly body: string
  readonly #headers: Pick<Headers, 'get'>

  constructor(
    message: string,
    statusCode: number,
    { headers = new Headers(), body = '', cause }: HttpStatusErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.statusCode = statusCode
    this.body = body
    this.#headers = headers
  }

  /** The answer's headers. Whoever prints the error does not print them: they may hold cookies. */
  get headers(): Pick<Headers, 'get'> {
    return this.#headers
  }
}

/** Whether an error is a `RateLimitError`, of this or another installed copy of the package. */
export function isRateLimitError(error: unknown): error is RateLimitError {
  return error instanceof Error && error.name === 'RateLimitError' && 'resetTime' in error
}

/** Whether an error is a `NetworkError`, of this or another installed copy of the package. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof Error && error.name === 'NetworkError'
}

/** Whether an error is an `UnreadableAnswerError`, of this or another installed copy of the package. */
export function isUnreadableAnswerError(error: unknown): error is UnreadableAnswerError {
  return error instanceof Error && error.name === 'UnreadableAnswerError'
}

/** Whether an error is a `GitHubAPIError`, of this or another installed copy; with a status, only of that one. */
export function isGitHubAPIError(error: unknown, statusCode?: number): error is GitHubAPIError {
  if (!(error instanceof Error) || error.name !== 'GitHubAPIError' || !('statusCode' in error)) return false
  return statusCode === undefined || error.statusCode === statusCode
}

/** Whether an error is a `HttpStatusError`, of this or another installed copy; with a status, only of that one. */
export function isHttpStatusError(error: unknown, statusCode?: number): error is HttpStatusError {
  if (!(error instanceof Error) || error.name !== 'HttpStatusError' || !('statusCode' in error)) return false
  return statusCode === undefined || error.statusCode === statusCode
}
