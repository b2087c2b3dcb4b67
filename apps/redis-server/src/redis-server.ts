import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findRedisServer } from './find-redis-server.ts'
import { freePort } from './free-port.ts'

/**
 * The server ends when the shell's standard input does: with whoever started it, also by SIGKILL; and the shell ends with
 * the server.
 */
const RUN = `exec 3<&0
"$0" "$@" </dev/null 2>&1 3<&- & server=$!
exec 2>/dev/null
{ cat <&3; kill -9 $server; } >/dev/null &
wait $server`
const READY = /ready to accept connections|Sentinel ID is/i
const START_LIMIT_MS = 20_000

/** How a server is started. */
export interface RedisServerOptions {
  /**
   * Listen on a free port of 127.0.0.1 instead of a Unix socket.
   *
   * @defaultValue `false`
   */
  readonly tcp?: boolean | undefined
  /** More of the command line, such as `['--requirepass', 'secret']`, or `[configFile, '--sentinel']`. */
  readonly args?: readonly string[] | undefined
}

/** A server of one's own. */
export class RedisServer {
  /** Where it keeps its files: removed by `stop`. */
  readonly folder: string
  /** The port, or 0 for one on a Unix socket. */
  readonly port: number
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  #log = ''

  constructor(folder: string, port: number, args: readonly string[]) {
    this.folder = folder
    this.port = port
    this.#args = args
  }

  /** Its Unix socket. */
  get socketPath(): string {
    return join(this.folder, 'redis.sock')
  }

  /** What a client connects to. */
  get url(): string {
    return this.port === 0 ? `unix://${this.socketPath}` : `redis://127.0.0.1:${this.port}`
  }

  /** What it has written since it was started. */
  get log(): string {
    return this.#log
  }

  /** Its process id. */
  get pid(): number {
    return Number(readFileSync(join(this.folder, 'redis.pid'), 'utf8'))
  }

  /** Stops it in its tracks: connections stay open and nothing is answered. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  /** Lets it go on. */
  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** Kills it, frozen or not: nothing is saved, connections are cut. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.#process = undefined
    const closed = once(child, 'close')
    child.stdin?.end()
    await closed
  }

  /** Starts it, empty but for what its arguments make it load, in the same place; resolves once it answers. */
  async restart(): Promise<void> {
    await this.kill()
    const program = findRedisServer()
    if (program === undefined) throw new Error('There is no redis-server.')
    const listen = this.port === 0 ? ['--port', '0', '--unixsocket', this.socketPath] : ['--port', `${this.port}`]
    const pidFile = ['--pidfile', join(this.folder, 'redis.pid')]
    const own = ['--save', '', '--dir', this.folder, '--bind', '127.0.0.1', ...pidFile]
    const child = spawn('sh', ['-c', RUN, program, ...this.#args, ...listen, ...own], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process = child
    await this.#ready(child)
  }

  /** Kills it and removes its files. May be repeated. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Heard by its log, so that nothing has to be tried again and again. */
  async #ready(child: ChildProcess): Promise<void> {
    this.#log = ''
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => {
      reject(new Error(`redis-server did not start:\n${this.#log}`))
    }, START_LIMIT_MS)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
      if (READY.test(this.#log)) resolve(undefined)
    })
    child.stdout?.once('end', () => {
      reject(new Error(`redis-server ended:\n${this.#log}`))
    })
    child.once('error', reject)
    try {
      await promise
    } catch (error) {
      await this.kill()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Starts a server of one's own, empty, that saves nothing. */
export async function startRedisServer({ tcp = false, args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'x-redis-'))
  const server = new RedisServer(folder, tcp ? await freePort() : 0, args)
  try {
    await server.restart()
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}
