import { GitHubAPIError, NetworkError, RateLimitError } from '@x/core'
import { describe, expect, it } from 'vitest'

import { BatchErrorHandler, type BatchRequest, type BatchResult } from '../src/index.ts'

const repo = { name: 'web', fullName: 'acme/web', owner: 'acme', defaultBranch: 'main', private: false }
const request = (filePath: string, priority?: number): BatchRequest => ({ repo, filePath, priority })
const batch = [request('a'), request('b')]
const unreachable = new NetworkError('no connection')
const late = new NetworkError('no whole answer', { cause: new DOMException('too late', 'TimeoutError') })
const limited = new RateLimitError('no points left', 90_000)
const answered = (status: number): GitHubAPIError => new GitHubAPIError(`answered ${status}`, status)

function waits(error: Error, handler = new BatchErrorHandler({ clock: { now: () => 60_000 } })): (number | 'skip')[] {
  return [0, 1, 2, 3].map((attempt) => {
    const plan = handler.handleBatchFailure(batch, error, { attempt })
    expect([...plan.retryRequests, ...plan.skipRequests]).toEqual(batch)
    return plan.retryRequests.length > 0 ? plan.delayMs : 'skip'
  })
}

describe('handleBatchFailure()', () => {
  it.each([
    ['no answer', unreachable, [1_000, 2_000, 4_000, 'skip']],
    ['no answer in time', late, [1_000, 3_000, 'skip', 'skip']],
    ['500', answered(500), [5_000, 10_000, 'skip', 'skip']],
    ['503', answered(503), [5_000, 10_000, 'skip', 'skip']],
    ['a rate limit', limited, [30_000, 30_000, 30_000, 'skip']],
    ['401', answered(401), ['skip', 'skip', 'skip', 'skip']],
    ['403', answered(403), ['skip', 'skip', 'skip', 'skip']],
    ['404', answered(404), ['skip', 'skip', 'skip', 'skip']],
    ['422', answered(422), ['skip', 'skip', 'skip', 'skip']],
    ['something else', new Error('odd'), ['skip', 'skip', 'skip', 'skip']],
  ])('waits after %s', (_, error, expected) => {
    expect(waits(error)).toEqual(expected)
  })

  it('bounds every wait', () => {
    const patient = new BatchErrorHandler({ retryAttempts: 50 })
    const wait = (error: Error, attempt: number): number =>
      patient.handleBatchFailure(batch, error, { attempt }).delayMs
    expect([5, 6, 7, 49].map((attempt) => wait(unreachable, attempt))).toEqual([32_000, 60_000, 60_000, 60_000])
  })

  it('does not wait for a limit that has ended', () => {
    const handler = new BatchErrorHandler({ clock: { now: () => 95_000 } })
    expect(handler.handleBatchFailure(batch, limited)).toMatchObject({ delayMs: 0, retryRequests: batch })
  })

  it('counts in other units, and tries less often, when told to', () => {
    expect(waits(unreachable, new BatchErrorHandler({ retryAttempts: 1, retryDelayBase: 10 }))).toEqual([
      10,
      'skip',
      'skip',
      'skip',
    ])
    expect(waits(answered(502), new BatchErrorHandler({ retryAttempts: 0 }))).toEqual(['skip', 'skip', 'skip', 'skip'])
  })

  it.each([
    [limited, 'rate-limit', 0.5, false],
    [late, 'timeout', 0.7, false],
    [unreachable, 'network', 1, false],
    [answered(502), 'server', 1, false],
    [answered(404), 'item', 1, false],
    [answered(401), 'authentication', 1, true],
  ])('says of %s what it is, how many to send at once, and whether to go on', (error, reason, factor, failsBatch) => {
    const plan = new BatchErrorHandler().handleBatchFailure(batch, error)
    expect(plan).toMatchObject({ reason, concurrencyFactor: factor, failsBatch })
  })
})

describe('handlePartialFailure()', () => {
  it('gives what is still wanted: each once, the most important first, nothing that has come', () => {
    const done: BatchResult = { request: request('done'), fromCache: false, processingTimeMs: 1 }
    const failed = [request('a'), request('b', 5), request('done', 9), request('a', 7), request('c', 10)]
    const retried = new BatchErrorHandler().handlePartialFailure([done], failed)
    expect(retried).toEqual([request('c', 10), request('b', 5), request('a')])
    expect(retried[1]).toBe(failed[1])
  })

  it.each([
    ['repository', { ...repo, name: 'api', fullName: 'acme/api' }],
    ['branch', { ...repo, defaultBranch: 'next' }],
  ])('does not take the same path of another %s for it', (_, otherRepo) => {
    const other = { ...request('a'), repo: otherRepo }
    const done: BatchResult = { request: request('a'), fromCache: false, processingTimeMs: 1 }
    expect(new BatchErrorHandler().handlePartialFailure([done], [other])).toEqual([other])
  })
})

describe('shouldRetryRequest()', () => {
  it.each([
    [unreachable, 2, true],
    [unreachable, 3, false],
    [late, 1, true],
    [late, 2, false],
    [answered(500), 1, true],
    [answered(500), 2, false],
    [limited, 0, true],
    [answered(401), 0, false],
    [answered(404), 0, false],
  ])('of %s after %i failures: %s', (error, attempt, expected) => {
    expect(new BatchErrorHandler().shouldRetryRequest(request('a'), error, attempt)).toBe(expected)
  })

  it('is false for a file that GitHub never hands out', () => {
    const huge = { ...request('a'), estimatedSize: 101 * 1_024 * 1_024 }
    expect(new BatchErrorHandler().shouldRetryRequest(huge, unreachable, 0)).toBe(false)
  })
})

describe('new BatchErrorHandler()', () => {
  it('refuses what is no number of tries, or no wait', () => {
    expect(() => new BatchErrorHandler({ retryAttempts: -1 })).toThrow(
      new RangeError('retryAttempts must be a whole number from 0, not -1.'),
    )
    expect(() => new BatchErrorHandler({ retryDelayBase: '-1s' })).toThrow(
      new RangeError('retryDelayBase must be 0 or more, not -1s.'),
    )
  })
})
