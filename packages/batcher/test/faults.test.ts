import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { createHttpClient, RequestBatcher } from '../src/index.ts'
import { sendJson, startLocalServer } from './local-server.ts'

const REQUESTS = 10_000
const ATTEMPTS = 3

type Fault = 'none' | '500' | 'cut' | '429'

/** 5% of 500, 2% of cut connections, 1% of 429: for each try of each request the same in every run. */
function faultOf(path: string, attempt: number): Fault {
  const share = createHash('sha1').update(`${path} ${attempt}`).digest().readUInt32BE(0) / 2 ** 32
  if (share < 0.05) return '500'
  if (share < 0.07) return 'cut'
  return share < 0.08 ? '429' : 'none'
}

/** How often a request reaches the server, and whether it succeeds: limits cost no attempt. */
function fateOf(path: string): { readonly sent: number; readonly success: boolean } {
  let failures = 0
  for (let sent = 1; ; sent += 1) {
    const fault = faultOf(path, sent)
    if (fault === 'none') return { sent, success: true }
    if (fault !== '429') failures += 1
    if (failures === ATTEMPTS) return { sent, success: false }
  }
}

describe('10,000 requests to a server that fails', () => {
  it('are all accounted for, reach it exactly as often as they must, and never too many at once', async () => {
    const tries = new Map<string, number>()
    await using server = await startLocalServer(({ path }, response) => {
      const attempt = (tries.get(path) ?? 0) + 1
      tries.set(path, attempt)
      switch (faultOf(path, attempt)) {
        case '500':
          response.writeHead(500).end()
          break
        case 'cut':
          response.destroy()
          break
        case '429':
          response.writeHead(429, { 'retry-after': '0' }).end()
          break
        case 'none':
          sendJson(response, { path })
      }
    })
    const batcher = new RequestBatcher(createHttpClient({ baseUrl: server.url }), {
      maxConcurrent: 20,
      retry: { attempts: ATTEMPTS - 1, delay: 1 },
    })
    const paths = Array.from({ length: REQUESTS }, (_, index) => `/items/${index}`)
    for (const path of paths) batcher.add('GET', path)
    const results = [...(await batcher.execute()).values()]
    const fates = paths.map(fateOf)
    expect(results.map(({ success }) => success)).toEqual(fates.map(({ success }) => success))
    expect(results.filter(({ success }) => !success).length).toBeGreaterThan(0)
    for (const result of results) if (result.success) expect(result.data).toEqual({ path: result.endpoint })
    expect(paths.map((path) => tries.get(path))).toEqual(fates.map(({ sent }) => sent))
    expect(server.seen).toHaveLength(fates.reduce((sum, { sent }) => sum + sent, 0))
    expect(server.peak).toBeLessThanOrEqual(20)
  }, 300_000)
})
