import { type RedisServer, startRedisServer } from '@x/redis-server'

let server: Promise<RedisServer> | undefined
let users = 0

/** The server that all contestants share, from the first that opens to the last that closes. */
export async function joinServer(): Promise<RedisServer> {
  users += 1
  server ??= startRedisServer({ args: ['--enable-debug-command', 'yes'] })
  return await server
}

/** One of them has closed. */
export async function leaveServer(): Promise<void> {
  users -= 1
  if (users > 0) return
  const last = server
  server = undefined
  await (await last)?.stop()
}
