import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'

import { BatchProcessingError, HttpStatusError, NetworkError, RateLimitError } from '@x/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type BatchResult, type HttpClient, type HttpMethod, RequestBatcher, type RetryOptions } from '../src/index.ts'
import { answering, ScriptedClient } from './scripted-client.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** Lets everything go on that needs no timer. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
const busy = (retryAfter?: string): HttpStatusError =>
  new HttpStatusError('busy', 429, {
    headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  })
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
const outcomes = (results: ReadonlyMap<string, BatchResult>): unknown[] =>
  Array.from(results.values(), (result) => (result.success ? result.data : result.error.message))

describe('execute()', () => {
  it('answers with a result for each request, in the order of adding, whatever finished first', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    const ids = ['/a', '/b', '/c'].map((endpoint) => batcher.add('GET', endpoint))
    const running = batcher.execute()
    for (const endpoint of ['/c', '/a', '/b']) client.find(endpoint).answer(endpoint)
    const results = await running
    expect([...results.keys()]).toEqual(ids)
    expect(new Set(ids).size).toBe(3)
    expect([...results.values()]).toMatchObject(
      ['/a', '/b', '/c'].map((endpoint, index) => ({
        success: true,
        data: endpoint,
        status: 200,
        method: 'GET',
        endpoint,
        requestId: ids[index],
      })),
    )
  })

  it('measures each request from when it is sent', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1 })
    batcher.add('GET', '/a')
    batcher.add('GET', '/b')
    const running = batcher.execute()
    await vi.advanceTimersByTimeAsync(30)
    client.find('/a').answer()
    await vi.advanceTimersByTimeAsync(20)
    client.find('/b').answer()
    expect(Array.from((await running).values(), ({ durationMs }) => durationMs)).toEqual([30, 20])
  })

  it('lets a failed request fail alone, with its own error and status', async () => {
    const failure = new HttpStatusError('gone', 410)
    const own = new Error('my own')
    const batcher = new RequestBatcher({
      request: ({ endpoint }) => {
        if (endpoint === '/throws') throw own
        if (endpoint === '/rejects') return Promise.reject(failure)
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as some do
        if (endpoint === '/no-error') return Promise.reject('text')
        return Promise.resolve({ status: endpoint === '/answers' ? 404 : 201, headers: new Headers(), data: 1 })
      },
    })
    for (const endpoint of ['/throws', '/rejects', '/no-error', '/answers', '/good']) batcher.add('GET', endpoint)
    const [throws, rejects, noError, answers, good] = [...(await batcher.execute()).values()]
    expect(throws).toMatchObject({ success: false, error: own, status: undefined })
    expect(rejects).toMatchObject({ success: false, error: failure, status: 410 })
    expect(noError).toMatchObject({ success: false, error: { cause: 'text' }, status: undefined })
    expect(answers).toMatchObject({ success: false, error: { name: 'HttpStatusError', statusCode: 404 }, status: 404 })
    expect(good).toMatchObject({ success: true, status: 201 })
  })

  it('never has more on the wire than allowed, over several executions', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 2 })
    const runs = [0, 1].map((run) => {
      for (let index = 0; index < 3; index += 1) batcher.add('POST', `/${run}/${index}`)
      return batcher.execute()
    })
    const order: string[] = []
    while (client.open.length > 0) {
      expect(client.open.length).toBeLessThanOrEqual(2)
      const [first] = client.open
      order.push(first?.request.endpoint ?? '')
      first?.answer()
      await settle()
    }
    await Promise.all(runs)
    expect(order).toEqual(['/0/0', '/0/1', '/0/2', '/1/0', '/1/1', '/1/2'])
  })

  it('empties the queue: what is added meanwhile belongs to the next execution', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    batcher.add('GET', '/a')
    const first = batcher.execute()
    const later = batcher.add('GET', '/b')
    expect(client.sent).toEqual(['GET /a'])
    client.find('/a').answer()
    expect((await first).size).toBe(1)
    const second = batcher.execute()
    client.find('/b').answer()
    expect([...(await second).keys()]).toEqual([later])
    expect(await batcher.execute()).toEqual(new Map())
  })

  it('tells progress once for each request, also where it is told by one that throws or rejects', async () => {
    const seen: [number, number][] = []
    const batcher = new RequestBatcher(answering(() => 1))
    for (let index = 0; index < 3; index += 1) batcher.add('GET', '/same')
    batcher.add('GET', '/other')
    const results = await batcher.execute({
      onProgress: (done, total) => {
        seen.push([done, total])
        if (done % 2 === 0) throw new Error('no matter')
        return Promise.reject(new Error('no matter'))
      },
    })
    expect(results.size).toBe(4)
    expect(seen).toEqual([1, 2, 3, 4].map((done) => [done, 4]))
  })

  it('sends identical reads once, and reports to each', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    const same: [HttpMethod, string, unknown?][] = [
      ['GET', '/a'],
      ['GET', '/a', { page: 1 }],
      ['GET', '/a'],
      ['GET', '/a', { page: 1 }],
      ['HEAD', '/a'],
      ['GET', '/a', { page: '1' }],
      ['POST', '/a'],
      ['POST', '/a'],
    ]
    const ids = same.map((request) => batcher.add(...request))
    const running = batcher.execute()
    expect(client.sent).toEqual(['GET /a', 'GET /a', 'HEAD /a', 'GET /a', 'POST /a', 'POST /a'])
    client.open.splice(0).forEach(({ answer }, index) => {
      answer(index)
    })
    const results = await running
    expect(outcomes(results)).toEqual([0, 1, 0, 1, 2, 3, 4, 5])
    expect(Array.from(results.values(), ({ requestId }) => requestId)).toEqual(ids)
  })

  it('sends reads whose parameters have no identity each on its own', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    for (let index = 0; index < 2; index += 1) batcher.add('GET', '/a', { now: () => 1 })
    const running = batcher.execute()
    expect(client.sent).toHaveLength(2)
    for (const { answer } of [...client.open]) answer()
    await running
  })

  it('keeps the async context of whoever executes, also for what waited for a slot or a retry', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: string[] = []
    let refused = false
    const batcher = new RequestBatcher(
      {
        request: async ({ endpoint }) => {
          await Promise.resolve()
          seen.push(`${endpoint} for ${storage.getStore() ?? 'nobody'}`)
          if (endpoint === '/2' && !refused) {
            refused = true
            throw new NetworkError('cut')
          }
          return { status: 200, headers: new Headers(), data: 1 }
        },
      },
      { maxConcurrent: 1 },
    )
    const execute = (user: string, ...endpoints: string[]): Promise<unknown> =>
      storage.run(user, () => {
        for (const endpoint of endpoints) batcher.add('GET', endpoint)
        return batcher.execute()
      })
    const runs = [execute('Ann', '/1', '/2'), execute('Ben', '/3')]
    await vi.runAllTimersAsync()
    await Promise.all(runs)
    expect(seen).toEqual(['/1 for Ann', '/2 for Ann', '/3 for Ben', '/2 for Ann'])
  })
})

describe('signal', () => {
  it('ends what waits and what is on the wire at once, with the reason itself', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1 })
    for (const endpoint of ['/a', '/b', '/c']) batcher.add('GET', endpoint)
    const controller = new AbortController()
    const running = batcher.execute({ signal: controller.signal })
    client.find('/a').answer('done')
    await settle()
    const reason = new Error('enough')
    controller.abort(reason)
    const results = [...(await running).values()]
    expect(results).toMatchObject([{ success: true }, { error: reason }, { error: reason, durationMs: 0 }])
    expect(client.find('/b').request.signal?.aborted).toBe(true)
    expect(client.sent).toEqual(['GET /a', 'GET /b'])
  })

  it('keeps the slot of what is on the wire until the client has ended it', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1 })
    batcher.add('GET', '/stubborn')
    const controller = new AbortController()
    const first = batcher.execute({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await first
    batcher.add('GET', '/next')
    const second = batcher.execute()
    await settle()
    expect(client.sent).toEqual(['GET /stubborn'])
    client.find('/stubborn').answer()
    await settle()
    client.find('/next').answer('late')
    expect(outcomes(await second)).toEqual(['late'])
  })

  it('may come from onProgress: each request, the coalesced too, is told once', async () => {
    const user = new AbortController()
    const told: string[] = []
    const batcher = new RequestBatcher(answering(({ endpoint }) => endpoint))
    for (const endpoint of ['/a', '/a', '/b']) batcher.add('GET', endpoint)
    const results = await batcher.execute({
      signal: user.signal,
      onProgress: (done, total) => {
        told.push(`${done} of ${total}`)
        user.abort(new Error('enough'))
      },
    })
    await settle()
    expect(told).toEqual(['1 of 3', '2 of 3', '3 of 3'])
    expect(outcomes(results)).toEqual(['/a', 'enough', 'enough'])
  })

  it('leaves no timer behind where onProgress gives it while others are given up', async () => {
    const client = new ScriptedClient()
    const user = new AbortController()
    const batcher = new RequestBatcher(client, { maxWait: '1m' })
    for (const endpoint of ['/a', 'http://other.test/b']) batcher.add('GET', endpoint)
    const onProgress = (): void => {
      user.abort(new Error('enough'))
    }
    const running = batcher.execute({ signal: user.signal, onProgress })
    client.find('/a').fail(busy('2'))
    await settle()
    client.find('http://other.test/b').fail(busy('3600'))
    expect([...(await running).values()]).toMatchObject([
      { error: { message: 'enough' } },
      { error: { name: 'RateLimitError' } },
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends nothing when it is aborted before', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    batcher.add('GET', '/a')
    const reason = new Error('before')
    const [result] = (await batcher.execute({ signal: AbortSignal.abort(reason) })).values()
    expect(result).toMatchObject({ success: false, error: reason })
    expect(client.sent).toEqual([])
  })

  it('ends what waits for a retry or for a limit', async () => {
    const batcher = new RequestBatcher({
      request: ({ endpoint }) => Promise.reject(endpoint === '/limit' ? busy('60') : new NetworkError('cut')),
    })
    batcher.add('GET', '/cut')
    batcher.add('GET', '/limit')
    const controller = new AbortController()
    const running = batcher.execute({ signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    expect(outcomes(await running)).toEqual(['enough', 'enough'])
  })

  it('carries one listener for all executions that have it, and none afterwards', async () => {
    const { signal } = new AbortController()
    const client = new ScriptedClient()
    const listeners = (): number => getEventListeners(signal, 'abort').length
    const running = Array.from({ length: 3 }, () => {
      const each = new RequestBatcher(client)
      each.add('GET', '/a')
      return each.execute({ signal })
    })
    expect(listeners()).toBe(1)
    for (const { answer } of [...client.open]) answer()
    await Promise.all(running)
    expect(listeners()).toBe(0)
    await new RequestBatcher(client).execute({ signal })
    expect(listeners()).toBe(0)
  })
})

describe('stopOnError', () => {
  it('sends nothing more after a failure, lets what is on the wire end, and says why', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 2 })
    for (const endpoint of ['/a', '/b', '/b', '/c']) batcher.add('GET', endpoint)
    const running = batcher.execute({ stopOnError: true })
    const failure = new Error('broken')
    client.find('/a').fail(failure)
    await settle()
    client.find('/b').answer('b')
    const results = [...(await running).values()]
    expect(results.slice(0, 3)).toMatchObject([{ error: failure }, { data: 'b' }, { data: 'b' }])
    expect(results[3]).toMatchObject({ error: { name: 'BatchProcessingError', cause: failure }, status: undefined })
    expect(client.sent).toEqual(['GET /a', 'GET /b'])
  })

  it('sends nothing again either', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 3 })
    for (const endpoint of ['/a', '/b', '/c']) batcher.add('GET', endpoint)
    const running = batcher.execute({ stopOnError: true })
    client.find('/a').fail(new Error('broken'))
    await settle()
    client.find('/b').fail(new NetworkError('cut'))
    client.find('/c').fail(busy('0'))
    expect(outcomes(await running)).toEqual(['broken', 'cut', 'busy'])
    expect(client.sent).toHaveLength(3)
  })

  it('ends 20,000 waiting requests without a deep stack', async () => {
    const batcher = new RequestBatcher({ request: () => Promise.reject(new Error('broken')) }, { maxConcurrent: 1 })
    for (let index = 0; index < 20_000; index += 1) batcher.add('GET', `/${index}`)
    const results = [...(await batcher.execute({ stopOnError: true })).values()]
    expect(results.filter((result) => !result.success && result.error instanceof BatchProcessingError)).toHaveLength(
      19_999,
    )
  })
})

describe('retries', () => {
  it('send an idempotent request again after what may pass, and no other', async () => {
    const failures: [string, HttpMethod, Error][] = [
      ['/cut', 'GET', new NetworkError('cut')],
      ['/500', 'PUT', new HttpStatusError('down', 500)],
      ['/post', 'POST', new NetworkError('cut')],
      ['/404', 'GET', new HttpStatusError('not found', 404)],
      ['/own', 'GET', new Error('my own')],
    ]
    const sent = new Map<string, number>()
    const batcher = new RequestBatcher({
      request: ({ endpoint }) => {
        sent.set(endpoint, (sent.get(endpoint) ?? 0) + 1)
        return Promise.reject(failures.find(([path]) => path === endpoint)?.[2] ?? new Error('unknown'))
      },
    })
    for (const [endpoint, method] of failures) batcher.add(method, endpoint)
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    const results = [...(await running).values()]
    expect(results.map((result) => !result.success && result.error)).toEqual(failures.map(([, , error]) => error))
    expect(Object.fromEntries(sent)).toEqual({ '/cut': 3, '/500': 3, '/post': 1, '/404': 1, '/own': 1 })
  })

  it('wait at random up to a delay that doubles and is capped', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const times: number[] = []
    const batcher = new RequestBatcher(
      {
        request: () => {
          times.push(performance.now())
          return Promise.reject(new NetworkError('cut'))
        },
      },
      { retry: { attempts: 4, delay: '1s', maxDelay: '3s' } },
    )
    batcher.add('GET', '/a')
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    await running
    expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual([500, 1_000, 1_500, 1_500])
    vi.restoreAllMocks()
  })

  it('stop when their budget is used up', async () => {
    let sent = 0
    const batcher = new RequestBatcher(
      {
        request: () => {
          sent += 1
          return Promise.reject(new NetworkError('down'))
        },
      },
      { retry: { budget: 0.1 } },
    )
    for (let index = 0; index < 100; index += 1) batcher.add('GET', `/${index}`)
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    await running
    expect(sent).toBe(120)
  })

  it('of a 503 that names no time come out of attempts and budget, after the pause that it asks for', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const sentOf = async (retry: RetryOptions): Promise<number[]> => {
      const times: number[] = []
      const begun = performance.now()
      const client: HttpClient = {
        request: () => {
          times.push(performance.now() - begun)
          return Promise.reject(new HttpStatusError('down', 503))
        },
      }
      const batcher = new RequestBatcher(client, { maxConcurrent: 50, retry })
      for (let index = 0; index < 100; index += 1) batcher.add('GET', `/${index}`)
      const running = batcher.execute()
      await vi.runAllTimersAsync()
      await running
      return times
    }
    const withinBudget = await sentOf({ attempts: 1, budget: 0 })
    expect(withinBudget).toHaveLength(110)
    expect([...new Set(withinBudget)]).toEqual([0, 1_000, 3_000])
    const withinAttempts = await sentOf({ attempts: 2, budget: Infinity })
    expect(withinAttempts).toHaveLength(300)
    vi.restoreAllMocks()
  })

  it('may be told to send POST again, or nothing', async () => {
    const sent: string[] = []
    const client = {
      request: ({ method }: { method: string }) => {
        sent.push(method)
        return Promise.reject(new NetworkError('cut'))
      },
    }
    const [reads, never] = [{ methods: ['POST'] as const }, { attempts: 0 }].map((retry) => {
      const batcher = new RequestBatcher(client, { retry })
      batcher.add('POST', '/search')
      batcher.add('GET', '/a')
      return batcher.execute()
    })
    await vi.runAllTimersAsync()
    await Promise.all([reads, never])
    expect(sent.filter((method) => method === 'POST')).toHaveLength(4)
    expect(sent.filter((method) => method === 'GET')).toHaveLength(2)
  })
})

describe('a limit of the server', () => {
  it('pauses everything for that host, in every batch with that client, and nothing for another', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1 })
    for (const endpoint of ['/a', '/b', 'http://other.test/c', 'http://base.test/d']) batcher.add('GET', endpoint)
    const first = batcher.execute()
    client.find('/a').fail(busy('2'))
    await settle()
    expect(client.sent.slice(1)).toEqual(['GET http://other.test/c'])
    const neighbour = new RequestBatcher(client)
    neighbour.add('GET', '/n')
    const second = neighbour.execute()
    client.find('http://other.test/c').answer('c')
    await vi.advanceTimersByTimeAsync(1_990)
    expect(client.open).toEqual([])
    await vi.advanceTimersByTimeAsync(20)
    client.find('/n').answer('n')
    client.find('/a').answer('a')
    await settle()
    client.find('/b').answer('b')
    await settle()
    client.find('http://base.test/d').answer('d')
    expect(outcomes(await first)).toEqual(['a', 'b', 'c', 'd'])
    expect(outcomes(await second)).toEqual(['n'])
  })

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:05 GMT', 5_000],
  ])('lasts as long as Retry-After %s says', async (retryAfter, wait) => {
    const times: number[] = []
    const batcher = new RequestBatcher({
      request: () => {
        times.push(performance.now())
        const headers = new Headers({ 'retry-after': retryAfter, date: 'Wed, 21 Oct 2026 07:28:00 GMT' })
        if (times.length === 1) return Promise.reject(new HttpStatusError('busy', 503, { headers }))
        return Promise.resolve({ status: 200, headers: new Headers(), data: 1 })
      },
    })
    batcher.add('GET', '/a')
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    expect((await running).size).toBe(1)
    expect((times[1] ?? NaN) - (times[0] ?? NaN)).toBe(wait)
  })

  it('that names no time is waited for a second at least, and longer each time; a request waits for five and fails with the sixth', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const times: number[] = []
    const batcher = new RequestBatcher({
      request: () => {
        times.push(performance.now())
        return Promise.reject(busy())
      },
    })
    batcher.add('GET', '/a')
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    const [result] = (await running).values()
    expect(result).toMatchObject({ success: false, status: 429 })
    expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000,
    ])
    vi.restoreAllMocks()
  })

  it('is waited for five times in a row, also where it names a time, and fails the request with the sixth', async () => {
    let sent = 0
    const limit = busy('0')
    const batcher = new RequestBatcher({
      request: () => {
        sent += 1
        return Promise.reject(limit)
      },
    })
    batcher.add('GET', '/a')
    const [result] = (await batcher.execute()).values()
    expect(result).toMatchObject({ success: false, error: limit })
    expect(sent).toBe(6)
  })

  it('counts in a row: after another failure it may be met five times again', async () => {
    const answers = [...Array<'busy'>(5).fill('busy'), 'cut', ...Array<'busy'>(5).fill('busy'), 'good']
    const batcher = new RequestBatcher({
      request: () => {
        const answer = answers.shift()
        if (answer === 'busy') return Promise.reject(busy('0'))
        if (answer === 'cut') return Promise.reject(new NetworkError('cut'))
        return Promise.resolve({ status: 200, headers: new Headers(), data: answer })
      },
    })
    batcher.add('GET', '/a')
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    expect(outcomes(await running)).toEqual(['good'])
  })

  it('longer than maxWait fails at once all that waits for it, saying when', async () => {
    vi.setSystemTime(new Date('2026-11-25T12:00:00Z'))
    let sent = 0
    const batcher = new RequestBatcher(
      {
        request: () => {
          sent += 1
          return Promise.reject(busy('3600'))
        },
      },
      { maxWait: '1m', maxConcurrent: 2 },
    )
    for (let index = 0; index < 5; index += 1) batcher.add('GET', `/${index}`)
    const results = [...(await batcher.execute()).values()]
    expect(sent).toBe(2)
    for (const result of results) {
      expect(result).toMatchObject({ error: { name: 'RateLimitError', resetTime: Date.parse('2026-11-25T13:00:00Z') } })
    }
    expect(results[0]).toMatchObject({ status: 429, error: { cause: { name: 'HttpStatusError' } } })
    expect(results[4]).toMatchObject({ status: undefined })
    expect((results[4] as { error: Error }).error.message).toBe(
      'GET /4: the server takes no requests until 2026-11-25T13:00:00.000Z, longer than maxWait allows. Try again then.',
    )
    expect((results[4] as { error: Error }).error).toBeInstanceOf(RateLimitError)
  })

  it.each(['-1', 'in 5', '5, 5', 'soon'])('with the unreadable time "%s" names no time', async (retryAfter) => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    batcher.add('GET', '/a')
    const running = batcher.execute()
    client.find('/a').fail(busy(retryAfter))
    await vi.advanceTimersByTimeAsync(999)
    expect(client.open).toEqual([])
    await vi.advanceTimersByTimeAsync(501)
    client.find('/a').answer('a')
    expect(outcomes(await running)).toEqual(['a'])
  })

  it('is understood of a client that has no headers to read', async () => {
    const client: object = { request: () => Promise.resolve({ status: 429, headers: {} }) }
    const batcher = new RequestBatcher(client as HttpClient, { maxWait: 1 })
    batcher.add('GET', '/a?token=secret')
    const [message] = outcomes(await batcher.execute())
    expect(message).toMatch(/^GET \/a: the server takes no requests until /)
  })

  it('fails a request that must not be sent twice, and holds back the rest', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1 })
    batcher.add('POST', '/a')
    batcher.add('POST', '/b')
    const running = batcher.execute()
    const limit = busy('1')
    client.find('/a').fail(limit)
    await vi.advanceTimersByTimeAsync(999)
    expect(client.open).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    client.find('/b').answer('b')
    expect([...(await running).values()]).toMatchObject([{ error: limit }, { data: 'b' }])
  })
})

describe('timeout', () => {
  it('fails the request at once and aborts it, but keeps its slot until it has really ended', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client, { maxConcurrent: 1, timeout: '5s' })
    batcher.add('GET', '/slow')
    batcher.add('GET', '/next')
    const seen: number[] = []
    const running = batcher.execute({ onProgress: (done) => seen.push(done) })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(seen).toEqual([1])
    expect(client.find('/slow').request.signal?.aborted).toBe(true)
    expect(client.sent).toEqual(['GET /slow'])
    client.find('/slow').answer('too late')
    await settle()
    client.find('/next').answer('next')
    expect(outcomes(await running)).toEqual(['GET /slow: no result within 5000 ms', 'next'])
  })

  it('covers retries and what they wait for', async () => {
    const batcher = new RequestBatcher({ request: () => Promise.reject(busy('60')) }, { timeout: '5s' })
    batcher.add('GET', '/a')
    const running = batcher.execute()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(outcomes(await running)).toEqual(['GET /a: no result within 5000 ms'])
  })
})

describe('rate', () => {
  it('lets no more start in any window than it says, and all in the end', async () => {
    const starts: number[] = []
    const batcher = new RequestBatcher(
      answering(() => starts.push(performance.now())),
      { rate: { requests: 3, per: '1s' }, maxConcurrent: 100 },
    )
    for (let index = 0; index < 10; index += 1) batcher.add('GET', `/${index}`)
    const begun = performance.now()
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    expect((await running).size).toBe(10)
    expect(starts.map((time) => time - begun)).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 3_000])
  })
})

describe('adaptive', () => {
  it('takes requests off the wire when the server becomes slow', async () => {
    let open = 0
    const onTheWire: number[] = []
    const batcher = new RequestBatcher(
      {
        request: async () => {
          open += 1
          onTheWire.push(open)
          const wait = onTheWire.length <= 30 ? 10 : 1_000
          await new Promise((resolve) => setTimeout(resolve, wait))
          open -= 1
          return { status: 200, headers: new Headers(), data: 1 }
        },
      },
      { adaptive: { initial: 30, min: 1 } },
    )
    for (let index = 0; index < 300; index += 1) batcher.add('GET', `/${index}`)
    const running = batcher.execute()
    await vi.runAllTimersAsync()
    expect((await running).size).toBe(300)
    expect(Math.max(...onTheWire)).toBeGreaterThanOrEqual(30)
    expect(Math.max(...onTheWire.slice(-100))).toBeLessThanOrEqual(12)
  })
})

describe('stream()', () => {
  it('gives results as they finish', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    for (const endpoint of ['/a', '/b']) batcher.add('GET', endpoint)
    const reader = batcher.stream()
    const first = reader.next()
    client.find('/b').answer('b')
    expect((await first).value).toMatchObject({ data: 'b' })
    client.find('/a').answer('a')
    expect((await reader.next()).value).toMatchObject({ data: 'a' })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  it('begins with the first read, and with what was added before the call', async () => {
    const client = new ScriptedClient()
    const batcher = new RequestBatcher(client)
    batcher.add('GET', '/a')
    const reader = batcher.stream()
    batcher.add('GET', '/later')
    expect(client.sent).toEqual([])
    const first = reader.next()
    expect(client.sent).toEqual(['GET /a'])
    client.find('/a').answer()
    await first
    expect((await reader.next()).done).toBe(true)
  })

  it('sends no more than it may have on the wire while nobody reads', async () => {
    let sent = 0
    const batcher = new RequestBatcher(
      answering(() => (sent += 1)),
      { maxConcurrent: 3 },
    )
    for (let index = 0; index < 100; index += 1) batcher.add('GET', `/${index}`)
    const reader = batcher.stream()
    await reader.next()
    await settle()
    expect(sent).toBeLessThanOrEqual(7)
    const rest = await collect(reader)
    expect(rest).toHaveLength(99)
  })

  it('aborts the rest when its reader leaves', async () => {
    const client = new ScriptedClient({ heedsSignals: true })
    const batcher = new RequestBatcher(client, { maxConcurrent: 2 })
    for (const endpoint of ['/a', '/b', '/c', '/d']) batcher.add('GET', endpoint)
    const reader = batcher.stream()
    const first = reader.next()
    client.find('/a').answer('a')
    await first
    await settle()
    await reader.return()
    expect(client.open).toEqual([])
    expect(client.sent).toEqual(['GET /a', 'GET /b', 'GET /c'])
  })

  it('gives what was aborted as failures', async () => {
    const batcher = new RequestBatcher(new ScriptedClient())
    for (let index = 0; index < 3; index += 1) batcher.add('GET', `/${index}`)
    const reason = new Error('enough')
    const results = await collect(batcher.stream({ signal: AbortSignal.abort(reason) }))
    expect(results).toMatchObject([{ error: reason }, { error: reason }, { error: reason }])
  })
})
