import { strictEqual } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { createHttpClient, type HttpClient, RequestBatcher } from '@x/batcher'
import { Pool } from 'undici'

import { type Benchmark, type Contestant } from '../benchmark.ts'

const REQUESTS = 500
const LIMIT = 10
/** Many, for the server's process wakes and sleeps as it likes; and long, for what the collection threw away is compiled again. */
const ROUNDS = { rounds: 15, roundMs: 400 }
const NO_HEADERS = new Headers()

let address: Promise<string> | undefined

/** Of the server that all contestants share, each over its own connections, which stay open. It ends with this process. */
function serverUrl(): Promise<string> {
  address ??= startServer()
  return address
}

async function startServer(): Promise<string> {
  const server = fork(join(import.meta.dirname, 'batcher-server.ts'))
  const [port] = (await once(server, 'message')) as [number]
  return `http://127.0.0.1:${port}`
}

function overHttp<Client>(
  { name, role }: Pick<Contestant, 'name' | 'role'>,
  connect: (url: string) => Client,
  run: (client: Client) => Promise<number>,
): Contestant {
  let client: Client | undefined
  return {
    name,
    role,
    open: async () => {
      client = connect(await serverUrl())
    },
    run: () => run(client as Client),
  }
}

/** The loop that anybody would write: ten workers, and a request each. */
async function workers(request: (path: string) => Promise<unknown>): Promise<number> {
  let next = 0
  let good = 0
  const work = async (): Promise<void> => {
    while (next < REQUESTS) {
      next += 1
      const { key } = (await request(`/issue/${next}`)) as { key: string }
      if (key === 'PAY-1') good += 1
    }
  }
  await Promise.all(Array.from({ length: LIMIT }, work))
  return good
}

async function batched(client: HttpClient): Promise<number> {
  const batcher = new RequestBatcher(client, { maxConcurrent: LIMIT })
  for (let index = 1; index <= REQUESTS; index += 1) batcher.add('GET', `/issue/${index}`)
  const results = [...(await batcher.execute()).values()]
  return results.filter((result) => result.success && (result.data as { key: string }).key === 'PAY-1').length
}

const ownClient = overHttp(
  { name: '@x/batcher, its own client', role: 'ours' },
  (url) => createHttpClient({ baseUrl: url }),
  batched,
)

const fetching = overHttp(
  { name: 'fetch, a loop of workers', role: 'peer' },
  (url) => async (path: string) => (await fetch(url + path)).json(),
  workers,
)

const barePool = overHttp(
  { name: "undici's pool, a loop of workers", role: 'limit' },
  (url) => {
    const pool = new Pool(url, { connections: LIMIT })
    return async (path: string) => (await pool.request({ path, method: 'GET' })).body.json()
  },
  workers,
)

const pooledClient = overHttp(
  { name: "@x/batcher over undici's pool", role: 'ours' },
  (url): HttpClient => {
    const pool = new Pool(url, { connections: LIMIT })
    return {
      request: async ({ endpoint }) => {
        const { statusCode, body } = await pool.request({ path: endpoint, method: 'GET' })
        return { status: statusCode, headers: NO_HEADERS, data: await body.json() }
      },
    }
  },
  batched,
)

function benchmark(name: string, contestants: readonly Contestant[]): Benchmark {
  return {
    name: `${REQUESTS} requests to a server, ${LIMIT} at a time, ${name}`,
    unit: 'request',
    operations: REQUESTS,
    ...ROUNDS,
    contestants,
    targets: [{ against: 'the raw limit', ratio: 0.9 }],
    check: (good) => {
      strictEqual(good, REQUESTS)
    },
  }
}

/** What a batch costs beside its client, and what our client costs. */
export const HTTP_BENCHMARKS: readonly Benchmark[] = [
  benchmark("by undici's pool", [pooledClient, barePool]),
  benchmark('by its own client', [ownClient, fetching, barePool]),
]
