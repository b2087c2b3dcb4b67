import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

import { expect, it } from 'vitest'

import type { HttpMessage } from '../src/http-sender.ts'
import { poolSender } from '../src/pool-sender.ts'
import { RequestEnd } from '../src/request-end.ts'
import { sendJson, startLocalServer } from './local-server.ts'

it('sends nothing when the request has ended before, as between a redirect and where it leads', async () => {
  await using server = await startLocalServer((_, response) => {
    sendJson(response, {})
  })
  const message = get(server.url)
  message.end.end('signal')
  await expect(poolSender(1_000)(message)).rejects.toThrow('aborted')
  expect(server.seen).toEqual([])
})

it('gives up a connection that is still being made when the request ends', async () => {
  // Says nothing, so that no handshake ends.
  await using server = await startSilentServer()
  const message = get(`https://127.0.0.1:${server.port}`)
  const sent = poolSender(1_000)(message)
  const socket = await server.connection
  message.end.end('signal')
  await expect(sent).rejects.toThrow('aborted')
  await once(socket.resume(), 'close')
})

it('takes a 304 as whole, though its length is that of the body that it does not have', async () => {
  await using server = await startSilentServer()
  const sent = poolSender(1_000)(get(`http://127.0.0.1:${server.port}`))
  const socket = await server.connection
  socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n')
  const { status, headers, text } = await sent
  expect({ status, text, etag: headers.get('ETag') }).toEqual({ status: 304, text: '', etag: '"a"' })
})

function get(origin: string): HttpMessage {
  return { method: 'GET', target: { origin, path: '/' }, headers: {}, body: undefined, end: new RequestEnd() }
}

interface SilentServer extends AsyncDisposable {
  readonly port: number
  /** The first one. */
  readonly connection: Promise<Socket>
}

/** Answers what the test writes, and nothing by itself. */
async function startSilentServer(): Promise<SilentServer> {
  const sockets: Socket[] = []
  const connection = Promise.withResolvers<Socket>()
  const server = createServer((socket) => {
    // Cut by the client.
    socket.on('error', () => undefined)
    sockets.push(socket)
    connection.resolve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connection: connection.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
