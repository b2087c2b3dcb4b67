import { type HttpSender, TooLargeError } from './http-sender.ts'

/** Sends by `fetch`. What is larger than `maxBytes` is not read to its end. */
export function fetchSender(send: typeof fetch, maxBytes: number): HttpSender {
  return async ({ method, url, headers, body = null, signal }) => {
    const response = await send(url, { method, headers, body, signal, redirect: 'manual' })
    return { status: response.status, headers: response.headers, text: await readText(response, maxBytes) }
  }
}

async function readText({ body }: Response, maxBytes: number): Promise<string> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) throw new TooLargeError(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
