import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'

import { TooLargeError } from './http-sender.ts'

type Unpack = (packed: Buffer, options: Pick<ZlibOptions, 'maxOutputLength'>) => Promise<Buffer>

const inflateZlib: Unpack = promisify(inflate)
const inflateBare: Unpack = promisify(inflateRaw)
const unpackGzip: Unpack = promisify(gunzip)

/** By the name of a content's coding. */
const CODINGS: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', unpackGzip],
  ['x-gzip', unpackGzip],
  // Meant is zlib's format (RFC 9110, 8.4.1.2), whose first byte says so; some servers send what is inside it alone.
  ['deflate', (packed, options) => (((packed[0] ?? 0) & 15) === 8 ? inflateZlib : inflateBare)(packed, options)],
  ['br', promisify(brotliDecompress)],
])

/** What a request says of it. */
export const ACCEPT_ENCODING = 'gzip, deflate, br'

/**
 * A body without its coding; as it is where that has no name here. The limit is that of what comes out: a few bytes may unpack to gigabytes.
 *
 * @throws TooLargeError; zlib's own error for what is not so packed.
 */
export async function unpack(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const unpackIt = CODINGS.get(coding.toLowerCase())
  if (unpackIt === undefined) return body
  try {
    return await unpackIt(body, { maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooLargeError(maxBytes) : error
  }
}
