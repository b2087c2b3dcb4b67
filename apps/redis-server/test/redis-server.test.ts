import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'

import { describe, expect, it } from 'vitest'

import { command } from '../src/redis-command.ts'
import { findRedisServer, type RedisServer, startRedisCluster, startRedisServer } from '../src/index.ts'

describe.skipIf(findRedisServer() === undefined)("a redis-server of one's own", () => {
  it('answers, and is gone with its files after stop()', async () => {
    const server = await startRedisServer({ tcp: true })
    expect(await command(server.port, 'PING')).toBe('+PONG\r\n')
    const { pid, folder } = server
    await server.stop()
    await server.stop()
    expect(existsSync(folder)).toBe(false)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('listens on a Unix socket by default', async () => {
    await using server = await startRedisServer()
    const socket = connect(server.socketPath)
    await once(socket, 'connect')
    socket.destroy()
    expect(server.url).toBe(`unix://${server.socketPath}`)
  })

  it('is another process, and empty, after restart(), in the same place', async () => {
    await using server = await startRedisServer({ tcp: true })
    const { pid, port } = server
    await command(port, 'SET', 'a', '1')
    await server.kill()
    await expect(command(port, 'PING')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(server.pid).not.toBe(pid)
    expect(await command(port, 'EXISTS', 'a')).toBe(':0\r\n')
  })

  it('answers after thaw() what was asked while it was frozen, and can be killed while it is', async () => {
    await using server = await startRedisServer({ tcp: true })
    server.freeze()
    await expect.poll(() => stateOf(server)).toBe('T')
    const answer = command(server.port, 'PING')
    server.thaw()
    expect(await answer).toBe('+PONG\r\n')
    server.freeze()
    await server.kill()
  })

  it('says what it wrote when it cannot start', async () => {
    await expect(startRedisServer({ args: ['--no-such-option', '1'] })).rejects.toThrow(
      /redis-server ended:[^]*no-such-option/,
    )
  })

  it('is one of three masters in a cluster', async () => {
    await using cluster = await startRedisCluster()
    expect(cluster.servers).toHaveLength(3)
    for (const { port } of cluster.servers) expect(await command(port, 'CLUSTER', 'INFO')).toContain('cluster_size:3')
  })
})

function stateOf({ pid }: RedisServer): string {
  return execFileSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' }).trim()
}
