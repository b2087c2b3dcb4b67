import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server, and does to their conversation what networks and servers in trouble do. */
export class LyingProxy implements AsyncDisposable {
  /** Answered to every command instead of passing it on. */
  answer: string | undefined
  /** The next reply is cut after this many bytes, and the connection with it. */
  cutAfter: number | undefined
  /** Replies are kept back, and passed on once this is `undefined` and something else comes. */
  holdUntilBytes: number | undefined
  #isDown = false
  #received = 0
  #held: Buffer[] = []
  readonly #target: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: string) {
    this.#target = target
    this.#server = createServer((socket) => {
      this.#accept(socket)
    })
  }

  static async start(socketPath: string): Promise<LyingProxy> {
    const proxy = new LyingProxy(socketPath)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection, and lets no other in until `admit()`. */
  cut(): void {
    this.#isDown = true
    for (const socket of this.#sockets) socket.destroy()
  }

  admit(): void {
    this.#isDown = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    if (this.#isDown) {
      client.destroy()
      return
    }
    const server = connect(this.#target)
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    client.on('data', (data) => {
      if (this.answer !== undefined) {
        const commands = data.toString('latin1').match(/^\*\d+\r$/gm)?.length ?? 0
        client.write(`-${this.answer}\r\n`.repeat(commands))
        return
      }
      server.write(data)
      if (this.holdUntilBytes === undefined) return
      this.#received += data.length
      if (this.#received < this.holdUntilBytes) return
      this.holdUntilBytes = undefined
      for (const held of this.#held) client.write(held)
    })
    server.on('data', (data) => {
      if (this.holdUntilBytes !== undefined) this.#held.push(data)
      else if (this.cutAfter === undefined) client.write(data)
      else {
        client.end(data.subarray(0, this.cutAfter))
        this.cutAfter = undefined
        server.destroy()
      }
    })
  }
}
