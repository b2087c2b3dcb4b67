import { type IncomingHttpHeaders, type IncomingMessage, request as sendByHttp } from 'node:http'
import { request as sendByHttps } from 'node:https'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'

import { type HttpMessage, type HttpSender, tooLarge } from './http-sender.ts'

/** By the name of a content's coding. The limit is that of what comes out: a few bytes may unpack to gigabytes. */
const UNPACK: Readonly<Record<string, (packed: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
}

/**
 * Sends by Node's own HTTP, over connections that its global agents keep open: the platform's `fetch` does the same in
 * about twice the time. What is larger than `maxBytes` is not read to its end.
 */
export function nodeSender(maxBytes: number): HttpSender {
  return async (message) => {
    const response = await send(message)
    const { statusCode: status = 0, headers } = response
    const body = await unpacked(await readBody(response, maxBytes), headers['content-encoding'], maxBytes)
    return { status, headers: new NodeHeaders(headers), text: body.toString('utf8') }
  }
}

class NodeHeaders implements Pick<Headers, 'get'> {
  readonly #headers: IncomingHttpHeaders

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers
  }

  get(name: string): string | null {
    const value = this.#headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : (value ?? null)
  }
}

function send({ method, url, headers, body, signal }: HttpMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const sendBy = url.protocol === 'https:' ? sendByHttps : sendByHttp
    // Of a DELETE Node itself would not tell the length: the server would take its body for the next request.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = sendBy(url, { method, headers: { 'accept-encoding': 'gzip, br', ...headers, ...length } })
    const leave = (): void => {
      request.destroy(new Error('aborted'))
    }
    signal.addEventListener('abort', leave, { once: true })
    request.once('close', () => {
      signal.removeEventListener('abort', leave)
      // Neither an answer nor an error comes where the server switches to another protocol.
      reject(new Error('the connection was closed'))
    })
    request.on('error', reject)
    request.once('response', resolve)
    request.end(body)
  })
}

function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) response.destroy(tooLarge(maxBytes))
      chunks.push(chunk)
    })
    response.once('end', () => {
      resolve(Buffer.concat(chunks))
    })
    response.on('error', reject)
    response.once('close', () => {
      reject(new Error('the connection was closed'))
    })
  })
}

async function unpacked(body: Buffer, coding: string | undefined, maxBytes: number): Promise<Buffer> {
  const unpack = UNPACK[coding?.toLowerCase() ?? '']
  if (unpack === undefined || body.length === 0) return body
  try {
    return await unpack(body, { maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : error
  }
}
