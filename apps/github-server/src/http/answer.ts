import { STATUS_CODES } from 'node:http'

/** A whole answer, before the headers that every answer has. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Stands for the body in its ETag where the body is known to follow from it (an object id): saves hashing the bytes. */
  readonly identity?: string
  /** The ETag itself, where GitHub gives one away. */
  readonly entityTag?: string
}

const DOCUMENTATION = 'https://docs.github.com/rest'
const JSON_TYPE = 'application/json; charset=utf-8'

/** A refusal in GitHub's words: thrown by handlers, answered as JSON. */
export class HttpError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    message: string,
    {
      headers = {},
      details = {},
    }: { headers?: Readonly<Record<string, string>>; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.headers = headers
    this.details = details
  }
}

export function notFound(): HttpError {
  return new HttpError(404, 'Not Found')
}

export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': JSON_TYPE, ...headers }, body: Buffer.from(JSON.stringify(value)) }
}

/** `{ message, documentation_url, status }`, as GitHub answers errors. */
export function errorAnswer({ status, message, headers, details }: HttpError): Answer {
  const body = { message, ...details, documentation_url: DOCUMENTATION, status: String(status) }
  return { ...jsonAnswer(body, headers), status }
}

/** An error with no more to say than its status. */
export function plainError(status: number): HttpError {
  return new HttpError(status, STATUS_CODES[status] ?? 'Error')
}
