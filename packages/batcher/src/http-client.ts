/** The methods that a batch takes. */
export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** One of `HTTP_METHODS`. */
export type HttpMethod = (typeof HTTP_METHODS)[number]

/** One request. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: HttpMethod
  /** A path below the client's base URL, or an absolute URL. */
  readonly endpoint: string
  /** Of `GET` and `HEAD` the query parameters, of the others the body, sent as JSON. */
  readonly data?: unknown
  /** Aborted when nobody waits for the answer any more; the client then rejects. */
  readonly signal?: AbortSignal | undefined
}

/** A whole answer. */
export interface HttpResponse {
  /** The HTTP status. */
  readonly status: number
  /** As they came. */
  readonly headers: Pick<Headers, 'get'>
  /** The body: a JSON value, or text where it is no JSON; `undefined` where there is none. */
  readonly data: unknown
}

/**
 * Who sends requests: `createHttpClient`, `createJiraClient`, or one of your own.
 *
 * A limit that one batch meets with a client pauses every batch that has the same client.
 */
export interface HttpClient {
  /** Where relative endpoints lie. Absolute ones of another origin have limits of their own. */
  readonly baseUrl?: string | undefined
  /**
   * Sends a request once; whether it is sent again, the batch decides. It may be called many times at once.
   *
   * @throws HttpStatusError, or answers, for a status that says no; NetworkError when no whole answer came: these two
   * may be sent again, any other error is final.
   */
  request(request: HttpRequest): Promise<HttpResponse>
}

/** @throws TypeError for what is not one of `HTTP_METHODS`. */
export function assertHttpMethod(value: unknown): asserts value is HttpMethod {
  if ((HTTP_METHODS as readonly unknown[]).includes(value)) return
  throw new TypeError(`The method must be one of ${HTTP_METHODS.join(', ')}, not ${String(value)}.`)
}
