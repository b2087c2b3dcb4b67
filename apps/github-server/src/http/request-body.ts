import { type IncomingMessage } from 'node:http'

import { HttpError } from './answer.ts'

const LARGEST_BYTES = 10 * 1024 * 1024

/** The whole body of a request: 413 above 10 MB. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_BYTES) throw new HttpError(413, 'Payload Too Large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
