import { decodeText } from './decode-text.ts'
import { type HttpSender, TooLargeError } from './http-sender.ts'

/** Sends by `fetch`. What is larger than `maxBytes` is not read to its end. */
export function fetchSender(send: typeof fetch, maxBytes: number): HttpSender {
  return async ({ method, target, headers, body = null, end }) => {
    const controller = new AbortController()
    end.sends({
      giveUp: () => {
        controller.abort()
      },
    })
    const { signal } = controller
    const url = new URL(target.origin + target.path)
    // A copy of the headers: they are whoever fetches to change, and the next request has the same ones.
    const response = await send(url, { method, headers: { ...headers }, body, signal, redirect: 'manual' })
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
  return decodeText(Buffer.concat(chunks))
}
