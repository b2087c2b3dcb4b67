import { isGitHubAPIError, isNetworkError, isRateLimitError } from '@x/core'
import { type Fault } from '@x/github-server'
import { describe, expect, it } from 'vitest'

import {
  BatchMetricsCollector,
  type BatchRequest,
  createRepository,
  isFileNotFoundError,
  ParallelBatchProcessor,
  type ParallelBatchProcessorOptions,
  RateBudget,
} from '../src/index.ts'
import { ScanWorld } from './scan-world.ts'

const WEB = createRepository('acme/web')
const API = createRepository('acme/api')

function world(options: Parameters<typeof ScanWorld.create>[1] = {}): Promise<ScanWorld> {
  return ScanWorld.create(
    {
      web: { files: { 'a.txt': 'a', 'b.txt': 'b', 'large.txt': 'x'.repeat(600_000) } },
      api: { files: { 'a.txt': 'a', 'c.txt': 'c' } },
    },
    options,
  )
}

interface Recorded {
  readonly processor: ParallelBatchProcessor
  readonly waits: number[]
}

/** Waits for nothing, and remembers for how long it should have. */
function processorOf(place: ScanWorld, options: Partial<ParallelBatchProcessorOptions> = {}): Recorded {
  const waits: number[] = []
  const delay = (milliseconds: number): Promise<void> => Promise.resolve(void waits.push(milliseconds))
  return {
    waits,
    processor: new ParallelBatchProcessor({ client: place.client(), delay, retryDelayBase: 10, ...options }),
  }
}

const request = (filePath: string, repo = WEB): BatchRequest => ({ repo, filePath })
const ALL = [request('a.txt'), request('b.txt'), request('c.txt', API), request('large.txt')]

function contentsOf(
  results: readonly { content?: { content: string } | undefined; error?: Error | undefined }[],
): unknown[] {
  return results.map(({ content, error }) => content?.content.slice(0, 3) ?? error?.name)
}

describe('processBatchParallel()', () => {
  it('answers in the order of the requests, across repositories, with what each came to', async () => {
    await using place = await world()
    const { processor } = processorOf(place)
    const requests = [...ALL, request('none.txt'), request('a.txt'), request('a.txt', API)]
    const results = await processor.processBatchParallel(requests)
    expect(results.map((result) => result.request)).toEqual(requests)
    expect(contentsOf(results)).toEqual(['a', 'b', 'c', 'xxx', 'FileNotFoundError', 'a', 'a'])
    // Where they are, what the small ones hold, and the large one.
    expect(place.server.journal.summary()).toMatchObject({ requests: 3, graphqlPoints: 2, restPoints: 1 })
  })

  it('gives each revision of a repository its own content', async () => {
    await using place = await world()
    const older = { ...WEB, archived: false, fork: false, head: await place.client().getCommit(WEB, 'HEAD') }
    place.push('web', { 'a.txt': 'new' })
    const requests = [request('a.txt', older), request('a.txt'), request('b.txt', older)]
    const results = await processorOf(place).processor.processBatchParallel(requests)
    expect(results.map((result) => result.request)).toEqual(requests)
    expect(contentsOf(results)).toEqual(['a', 'new', 'b'])
  })

  it('asks for nothing that the cache has, with a key not even where it is', async () => {
    await using place = await world()
    const { processor } = processorOf(place, { cache: place.cache })
    const requests = ALL.map((each, index) => ({ ...each, cacheKey: `commit:${index}` }))
    expect((await processor.processBatchParallel(requests)).map(({ fromCache }) => fromCache)).toEqual([
      false,
      false,
      false,
      false,
    ])
    place.server.journal.clear()
    const again = await processorOf(place, { cache: place.cache }).processor.processBatchParallel(requests)
    expect(again.map(({ fromCache }) => fromCache)).toEqual([true, true, true, true])
    expect(contentsOf(again)).toEqual(['a', 'b', 'c', 'xxx'])
    expect(place.server.journal.summary().requests).toBe(0)
  })

  it.each<[string, readonly Fault[], number[]]>([
    ['no answer', [{ on: {}, times: 4, do: { kind: 'cut' } }], [10, 20]],
    ['502', [{ on: {}, times: 3, do: { kind: 'status', status: 502 } }], [50]],
  ])('tries again what may pass, when the recovery plan says: %s', async (_, faults, expected) => {
    await using place = await world()
    place.server.setFaults(faults)
    const { processor, waits } = processorOf(place)
    const results = await processor.processBatchParallel([request('a.txt')])
    expect(contentsOf(results)).toEqual(['a'])
    expect(waits).toEqual(expected)
  })

  it('gives up one file alone, and reads the others', async () => {
    await using place = await world()
    place.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'status', status: 502 } }])
    const { processor, waits } = processorOf(place)
    const results = await processor.processBatchParallel(ALL)
    expect(contentsOf(results)).toEqual(['a', 'b', 'c', 'GitHubAPIError'])
    expect(waits).toEqual([50, 100])
  })

  it('does not try again what cannot pass', async () => {
    await using place = await world()
    const { processor, waits } = processorOf(place)
    const results = await processor.processBatchParallel([
      request('none.txt'),
      request('a.txt', createRepository('acme/nowhere')),
    ])
    expect(results.map(({ error }) => isFileNotFoundError(error) || isGitHubAPIError(error, 404))).toEqual([true, true])
    expect(waits).toEqual([])
  })

  it('fails as a whole when GitHub cannot be reached', async () => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: { kind: 'cut' } }])
    const { processor, waits } = processorOf(place)
    const error = await processor.processBatchParallel(ALL).catch((reason: unknown) => reason)
    expect(isNetworkError(error)).toBe(true)
    expect(waits).toEqual([10, 20, 40])
  })

  it('fails as a whole when the token is refused, and tries no more', async () => {
    await using place = await world({ tokens: ['another'] })
    const { processor, waits } = processorOf(place)
    const error = await processor.processBatchParallel(ALL).catch((reason: unknown) => reason)
    expect(isGitHubAPIError(error, 401)).toBe(true)
    expect(waits).toEqual([])
  })

  it('fails as a whole when a limit lasts too long, and goes on from there with the cache', async () => {
    await using place = await world({ limits: { restPerHour: 0, graphqlPointsPerHour: 2 } })
    const budget = new RateBudget({ maxWait: '1s', rateLimitBuffer: 1 })
    const { processor } = processorOf(place, {
      client: place.client({ budget }),
      cache: place.cache,
      rateLimitBuffer: 1,
    })
    const requests = ALL.map((each, index) => ({ ...each, cacheKey: `commit:${index}` }))
    const error = await processor.processBatchParallel(requests).catch((reason: unknown) => reason)
    expect(isRateLimitError(error)).toBe(true)
    const small = requests.slice(0, 3)
    expect((await processor.processBatchParallel(small)).map(({ fromCache }) => fromCache)).toEqual([true, true, true])
  })

  it('sends no more at once than it may, of all its batches together', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`f${index}.bin`, Buffer.from([0, index])]),
    )
    await using place = await ScanWorld.create({ web: { files } }, { latencyMs: 10 })
    const { processor } = processorOf(place, { maxConcurrent: 3 })
    const half = (rest: number): BatchRequest[] =>
      Object.keys(files)
        .filter((_, index) => index % 2 === rest)
        .map((path) => request(path))
    await Promise.all([processor.processBatchParallel(half(0)), processor.processBatchParallel(half(1))])
    expect(place.server.journal.peakConcurrency).toBe(3)
  })

  it('tells what each try took and brought', async () => {
    await using place = await world()
    const metrics = new BatchMetricsCollector()
    await processorOf(place, { metrics }).processor.processBatchParallel([...ALL, request('none.txt')])
    expect(metrics.getMetrics()).toMatchObject({
      totalRequests: 5,
      successfulRequests: 4,
      cacheHits: 0,
      apiCallsSaved: 2,
    })
  })

  it('ends with the reason of its signal', async () => {
    await using place = await world()
    const reason = new Error('enough')
    const { processor } = processorOf(place)
    await expect(processor.processBatchParallel(ALL, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('has nothing to do for no requests', async () => {
    await using place = await world()
    expect(await processorOf(place).processor.processBatchParallel([])).toEqual([])
  })
})

describe('adjustConcurrency()', () => {
  it.each([
    [5_000, 8],
    [500, 8],
    [499, 4],
    [199, 2],
    [49, 1],
    [0, 1],
  ])('with %i points left sends %i at once', async (remaining, expected) => {
    await using place = await world()
    const { processor } = processorOf(place, { maxConcurrent: 8 })
    processor.adjustConcurrency(remaining)
    expect(processor.concurrency).toBe(expected)
  })

  it('is called with what GitHub says', async () => {
    await using place = await world({ limits: { graphqlPointsPerHour: 300 } })
    const { processor } = processorOf(place, { maxConcurrent: 8 })
    await processor.processBatchParallel([request('a.txt')])
    await processor.processBatchParallel([request('b.txt')])
    expect(processor.concurrency).toBe(4)
  })
})

describe('new ParallelBatchProcessor()', () => {
  it.each([
    [{ maxConcurrent: 0 }, 'maxConcurrent must be a whole number from 1 to 100, not 0.'],
    [{ rateLimitBuffer: 2 }, 'rateLimitBuffer must be above 0 and at most 1, not 2.'],
    [{ retryAttempts: -1 }, 'retryAttempts must be a whole number from 0, not -1.'],
  ])('refuses %o', async (options, message) => {
    await using place = await world()
    expect(() => processorOf(place, options)).toThrow(new RangeError(message))
  })
})
