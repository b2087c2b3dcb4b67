import { command } from './redis-command.ts'
import { freePort } from './free-port.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'

const SLOTS = 16_384
const MASTERS = 3
const JOIN_LIMIT_MS = 20_000
const LOOK_EVERY_MS = 20

/** A cluster of masters. */
export interface RedisCluster extends AsyncDisposable {
  /** Its masters. */
  readonly servers: readonly RedisServer[]
  /** Where they listen, as clients want it. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** Stops them all. May be repeated. */
  stop(): Promise<void>
}

/** Starts three masters that share the slots, and waits until each of them says that the cluster is whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    for (let index = 0; index < MASTERS; index += 1) servers.push(await startMaster())
    await join(servers)
  } catch (error) {
    await stop()
    throw error
  }
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }))
  return { servers, nodes, stop, [Symbol.asyncDispose]: stop }
}

async function startMaster(): Promise<RedisServer> {
  const args = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`, '--cluster-node-timeout', '5000']
  return await startRedisServer({ tcp: true, args })
}

async function join(servers: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = servers
  if (first === undefined) return
  for (const [index, { port }] of servers.entries()) {
    const from = Math.floor((index * SLOTS) / servers.length)
    const to = Math.floor(((index + 1) * SLOTS) / servers.length) - 1
    await command(port, 'CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`)
    await command(port, 'CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
  }
  const busPort =
    /cluster-port\r\n\$\d+\r\n(\d+)/.exec(await command(first.port, 'CONFIG', 'GET', 'cluster-port'))?.[1] ?? ''
  for (const { port } of others) await command(port, 'CLUSTER', 'MEET', '127.0.0.1', `${first.port}`, busPort)
  const deadline = Date.now() + JOIN_LIMIT_MS
  // Nothing announces it.
  while (!(await isWhole(servers))) {
    if (Date.now() > deadline) throw new Error('The cluster did not come together.')
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function isWhole(servers: readonly RedisServer[]): Promise<boolean> {
  for (const { port } of servers) {
    const info = await command(port, 'CLUSTER', 'INFO')
    if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${servers.length}`)) return false
  }
  return true
}
