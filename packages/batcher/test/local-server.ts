import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface LocalServer extends AsyncDisposable {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  /** The most requests that were in flight at once. */
  readonly peak: number
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

/** A real HTTP server on loopback, which notes every request. */
export async function startLocalServer(handler: Handler): Promise<LocalServer> {
  const seen: SeenRequest[] = []
  let inFlight = 0
  let peak = 0
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    inFlight += 1
    peak = Math.max(peak, inFlight)
    response.once('finish', () => (inFlight -= 1))
    let finished = false
    response.once('finish', () => (finished = true))
    response.once('close', () => {
      if (!finished) inFlight -= 1
    })
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const entry = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(entry)
      void handler(entry, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get peak() {
      return peak
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
