import { isNetworkError, RateLimitError } from '@x/core'
import { type Fault } from '@x/github-server'
import { describe, expect, it } from 'vitest'

import { type Delay } from '../src/client/delay.ts'
import { blobOid, RateBudget, type Repository } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

const WEB: Repository = { name: 'web', fullName: 'acme/web', owner: 'acme', defaultBranch: 'main', private: false }

const README = blobOid(Buffer.from('# Web'))

function world(): Promise<ScanWorld> {
  return ScanWorld.create({ web: { files: { 'package-lock.json': npmLock({ good: '1.0.0' }), 'README.md': '# Web' } } })
}

/** Waits for nothing, and remembers for how long it should have. */
function recordedDelay(): { delay: Delay; waits: number[] } {
  const waits: number[] = []
  return { waits, delay: (milliseconds) => Promise.resolve(void waits.push(milliseconds)) }
}

describe('graphql()', () => {
  it.each([['null'], ['[]'], ['{}'], ['{"errors":null}']])('takes %s for an answer without data', async (body) => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: { kind: 'status', status: 200, body } }])
    await expect(place.client().graphql('{ viewer { login } }', {})).rejects.toMatchObject({
      name: 'GitHubAPIError',
      message: expect.stringMatching(/graphql: no data$/) as string,
    })
  })
})

describe('a request that fails', () => {
  it.each<[string, Fault['do'], number[]]>([
    ['no answer', { kind: 'cut' }, [10, 20, 40]],
    ['half an answer', { kind: 'cut', afterBytes: 5 }, [10, 20, 40]],
    ['no answer in time', { kind: 'hang' }, [10, 30]],
    ['500', { kind: 'status', status: 500 }, [50, 100]],
  ])('is sent again after growing waits: %s', async (_, action, expected) => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: action }])
    const { delay, waits } = recordedDelay()
    const client = place.client({ delay, retryDelay: 10, timeout: action.kind === 'hang' ? 500 : '30s' })
    await expect(client.getBlob(WEB, README)).rejects.toThrow()
    expect(waits).toEqual(expected)
    expect(client.usage.requests).toBe(expected.length + 1)
  })

  it('says that time was up', async () => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: { kind: 'hang' } }])
    const failed = place.client({ timeout: 50, retryAttempts: 0 }).getBlob(WEB, README)
    const error = await failed.catch((reason: unknown) => reason)
    expect(isNetworkError(error) && (error.cause as Error).name).toBe('TimeoutError')
    expect((error as Error).message).toContain('no whole answer within 50 ms')
  })
})

describe('a call', () => {
  it('may be sent again less often than the client would', async () => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: { kind: 'cut' } }])
    const { delay, waits } = recordedDelay()
    const client = place.client({ delay, retryDelay: 10 })
    await expect(client.getBlob(WEB, README, { retryAttempts: 1, retryDelay: 7 })).rejects.toThrow()
    await expect(client.getBlob(WEB, README, { retryAttempts: 0 })).rejects.toThrow()
    expect(waits).toEqual([7])
  })

  it('may share a limit of its own with others', async () => {
    await using place = await world()
    place.server.setFaults([{ on: {}, do: { kind: 'delay', ms: 20 } }])
    const client = place.client()
    const gate = { limit: 2, inUse: 0 }
    await Promise.all(Array.from({ length: 6 }, () => client.getBlob(WEB, README, { gate })))
    expect(place.server.journal.peakConcurrency).toBe(2)
    expect(gate.inUse).toBe(0)
  })

  it('may leave more of the hourly limit to others', async () => {
    const files = { 'README.md': '# Web' }
    await using place = await ScanWorld.create({ web: { files } }, { limits: { restPerHour: 10 } })
    const client = place.client({ budget: new RateBudget({ rateLimitBuffer: 1, maxWait: 0 }) })
    const read = (): Promise<unknown> => client.getBlob(WEB, README, { rateLimitBuffer: 0.5 })
    for (let request = 0; request < 5; request += 1) await read()
    await expect(read()).rejects.toThrow(RateLimitError)
    await client.getBlob(WEB, README)
  })
})

describe('networkConditions', () => {
  it('tells what the newest requests were like', async () => {
    await using place = await world()
    const client = place.client({ retryAttempts: 0 })
    expect(client.networkConditions).toBeUndefined()
    for (let request = 0; request < 6; request += 1) await client.getBlob(WEB, README)
    expect(client.networkConditions).toMatchObject({ errorRate: 0, bandwidthMbps: Number.POSITIVE_INFINITY })
    place.server.setFaults([{ on: {}, times: 2, do: { kind: 'cut' } }])
    await Promise.allSettled([client.getBlob(WEB, README), client.getBlob(WEB, README)])
    expect(client.networkConditions?.errorRate).toBe(0.25)
  })
})
