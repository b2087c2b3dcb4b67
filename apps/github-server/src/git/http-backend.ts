import { spawn } from 'node:child_process'
import { type IncomingMessage } from 'node:http'

import { gitEnvironment } from './git-environment.ts'
import { outputOf, type StreamedAnswer } from './streamed-answer.ts'

const HEADER_END = Buffer.from('\r\n\r\n')

export interface GitHttpRequest {
  readonly request: IncomingMessage
  readonly gitDir: string
  /** Below the repository: `info/refs`, `git-upload-pack`, … */
  readonly path: string
  /** Without the question mark. */
  readonly search: string
}

/** Hands a request to `git http-backend`, git's own server for smart HTTP, which speaks CGI. */
export async function runHttpBackend(asked: GitHttpRequest): Promise<StreamedAnswer> {
  const child = spawn('git', ['http-backend'], { env: cgiEnvironment(asked) })
  // The process may end without reading all of the request.
  child.stdin.on('error', () => undefined)
  asked.request.pipe(child.stdin)
  const output = outputOf(child)
  const { head, rest } = await readHead(output)
  const fields = head.split('\r\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const status = Number.parseInt(fields.find(([name]) => name === 'status')?.[1] ?? '200', 10)
  return {
    status,
    headers: Object.fromEntries(fields.filter(([name]) => name !== 'status')),
    body: prepended(rest, output),
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}

function cgiEnvironment({ request, gitDir, path, search }: GitHttpRequest): NodeJS.ProcessEnv {
  const { headers, method = 'GET' } = request
  const fromHeaders = {
    CONTENT_TYPE: headers['content-type'],
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: [headers['git-protocol']].flat().at(0),
  }
  return {
    ...gitEnvironment(),
    ...Object.fromEntries(Object.entries(fromHeaders).filter(([, value]) => value !== undefined)),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_TRANSLATED: `${gitDir}/${path}`,
    PATH_INFO: `/${path}`,
    QUERY_STRING: search,
    REQUEST_METHOD: method,
    REMOTE_ADDR: '127.0.0.1',
  }
}

async function readHead(output: AsyncGenerator<Buffer, void>): Promise<{ head: string; rest: Buffer }> {
  let buffer = Buffer.alloc(0)
  for (;;) {
    const end = buffer.indexOf(HEADER_END)
    if (end >= 0) return { head: buffer.toString('latin1', 0, end), rest: buffer.subarray(end + HEADER_END.length) }
    const next = await output.next()
    if (next.done === true) throw new Error('git http-backend ended before its headers.')
    buffer = Buffer.concat([buffer, next.value])
  }
}

async function* prepended(first: Buffer, output: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  yield* output
}
