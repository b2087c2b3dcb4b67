import { HttpStatusError, NetworkError } from '@x/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { type BatchResult, type HttpClient, type HttpRequest, type HttpResponse, RequestBatcher } from '../src/index.ts'
import { seededRandom } from '../../../scripts/seeded-random.ts'

/** More by an environment variable: a hundred thousand take some minutes. */
const HISTORIES = Number(process.env['BATCHER_HISTORIES'] ?? 2_000)

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterAll(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Answers, refuses, throws, hangs a while, heeds signals or not, as the dice fall; and counts what is on the wire. */
class DicingClient implements HttpClient {
  peak = 0
  sent = 0
  #open = 0
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  request(request: HttpRequest): Promise<HttpResponse> {
    const dice = this.#random()
    if (dice < 0.04) throw new Error('thrown at once')
    this.#open += 1
    this.sent += 1
    this.peak = Math.max(this.peak, this.#open)
    return this.#answer(request, dice).finally(() => (this.#open -= 1))
  }

  async #answer({ endpoint, signal }: HttpRequest, dice: number): Promise<HttpResponse> {
    if (dice < 0.6) await this.#wait(Math.floor(this.#random() * 50), this.#random() < 0.7 ? signal : undefined)
    if (dice < 0.12) throw new NetworkError('cut')
    if (dice < 0.2) throw new HttpStatusError('down', 500)
    if (dice < 0.28)
      throw new HttpStatusError('busy', 429, { headers: new Headers({ 'retry-after': dice < 0.24 ? '0' : '1' }) })
    if (dice < 0.3) throw new HttpStatusError('busy', 503)
    return { status: dice < 0.35 ? 404 : 200, headers: new Headers(), data: endpoint }
  }

  #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      })
    })
  }
}

// eslint-disable-next-line complexity -- as many dice as there are options
async function runHistory(seed: number): Promise<void> {
  const random = seededRandom(seed)
  vi.spyOn(Math, 'random').mockImplementation(random)
  const client = new DicingClient(random)
  const maxConcurrent = 1 + Math.floor(random() * 4)
  const batcher = new RequestBatcher(client, {
    maxConcurrent,
    timeout: random() < 0.3 ? 60 : Infinity,
    ...(random() < 0.2 ? { rate: { requests: 2, per: 20 } } : {}),
    ...(random() < 0.2 ? { adaptive: { initial: 1, min: 1 } } : {}),
    retry: { attempts: Math.floor(random() * 3), delay: 10 },
  })
  const runs = Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
    const ids = Array.from({ length: Math.floor(random() * 10) }, () =>
      batcher.add(
        random() < 0.7 ? 'GET' : 'POST',
        random() < 0.1 ? 'http://other.test/x' : `/${Math.floor(random() * 12)}`,
      ),
    )
    const progress: number[] = []
    const controller = new AbortController()
    if (random() < 0.3)
      setTimeout(
        () => {
          controller.abort(new Error('enough'))
        },
        Math.floor(random() * 200),
      )
    const options = {
      signal: controller.signal,
      stopOnError: random() < 0.2,
      onProgress: (done: number) => progress.push(done),
    }
    const inOrder = random() < 0.7
    const results = inOrder ? batcher.execute(options) : collected(batcher.stream(options))
    return { ids, inOrder, progress, results }
  })
  const settled = Promise.all(runs.map(({ results }) => results))
  await vi.runAllTimersAsync()
  const outcomes = await settled
  for (const [index, { ids, inOrder, progress }] of runs.entries()) {
    const outcome = outcomes[index]
    if (inOrder) expect([...(outcome?.keys() ?? [])]).toEqual(ids)
    expect([...(outcome?.keys() ?? [])].sort()).toEqual([...ids].sort())
    expect(progress).toEqual(ids.map((_, done) => done + 1))
    for (const [id, result] of outcome ?? []) {
      expect(result.requestId).toBe(id)
      if (result.success) expect(result.data).toBe(result.endpoint)
      else expect(result.error).toBeInstanceOf(Error)
    }
  }
  expect(client.peak).toBeLessThanOrEqual(maxConcurrent)
  expect(vi.getTimerCount()).toBe(0)
}

async function collected(results: AsyncIterable<BatchResult>): Promise<Map<string, BatchResult>> {
  const all: [string, BatchResult][] = []
  for await (const result of results) all.push([result.requestId, result])
  return new Map(all)
}

describe('any history', () => {
  it(`of ${HISTORIES} keeps the limit, settles every request exactly once, in order, and leaves nothing behind`, async () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      await runHistory(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
      })
    }
  }, 900_000)
})
