import { BatchProcessingError } from '@x/core'
import { describe, expect, it } from 'vitest'

import { BatchProcessor } from '../src/index.ts'
import { seededRandom } from '../../../scripts/seeded-random.ts'

const HISTORIES = 1_000

/** Operations of few keys that end sooner or later, or fail; batches, closing with and without draining, as the dice fall. */
async function runHistory(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const size = 1 + below(4)
  const processor = new BatchProcessor({ size, interval: Infinity, retryAttempts: 0 })
  const running: string[] = []
  const operate = async (key: string, outcome: string | Error): Promise<string> => {
    expect(running).not.toContain(key)
    running.push(key)
    expect(running.length).toBeLessThanOrEqual(size)
    for (let ticks = below(6); ticks > 0; ticks -= 1) await Promise.resolve()
    running.splice(running.indexOf(key), 1)
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const results: Promise<string>[] = []
  const keys = Array.from({ length: below(30) }, () => `key ${below(5)}`)
  for (const key of keys) {
    const outcome = random() < 0.2 ? new Error(key) : key
    results.push(processor.addToBatch({ key, priority: below(3), operation: () => operate(key, outcome) }))
    if (random() < 0.3) await Promise.resolve()
    if (random() < 0.1) void processor.processBatch()
    if (random() < 0.03) void processor.close({ drain: random() < 0.5 })
  }
  await processor.close({ drain: random() < 0.7 })
  expect(running).toEqual([])
  for (const [index, outcome] of (await Promise.allSettled(results)).entries()) {
    const key = keys[index] ?? ''
    if (outcome.status === 'fulfilled') expect(outcome.value).toBe(key)
    else if (!(outcome.reason instanceof BatchProcessingError)) expect(outcome.reason).toEqual(new Error(key))
  }
}

describe('any history of a processor', () => {
  it(`of ${HISTORIES} keeps its size, runs one of a key at a time, and settles every promise before close() has ended`, async () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      await runHistory(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
      })
    }
  })
})
