import { describe, expect, it } from 'vitest'

import { type BatchResult, ResourceManager } from '../src/index.ts'

const MEGABYTE = 1_024 * 1_024
const repo = { name: 'web', fullName: 'acme/web', owner: 'acme', defaultBranch: 'main', private: false }

describe('ResourceManager', () => {
  it('asks for smaller batches from the threshold on', () => {
    const memory = { megabytes: 80 }
    const resources = new ResourceManager({ maxMemoryMb: 100, measure: () => memory.megabytes * MEGABYTE })
    expect(resources.shouldReduceBatchSize()).toBe(false)
    memory.megabytes = 81
    expect(resources.shouldReduceBatchSize()).toBe(true)
    memory.megabytes = 10
    expect(resources.shouldReduceBatchSize()).toBe(false)
  })

  it('has the default limits', () => {
    const at = (megabytes: number): boolean =>
      new ResourceManager({ measure: () => megabytes * MEGABYTE }).shouldReduceBatchSize()
    expect([400, 401].map(at)).toEqual([false, true])
  })

  it('measures what this process holds', () => {
    const resources = new ResourceManager()
    const before = resources.getMemoryUsage()
    const held = Buffer.alloc(64 * MEGABYTE)
    expect(resources.getMemoryUsage() - before).toBeGreaterThan(60)
    expect(held).toHaveLength(64 * MEGABYTE)
  })

  it('drops the contents of results, and nothing else', () => {
    const content = { path: 'a', content: 'text', size: 4, sha: '0'.repeat(40), encoding: 'utf-8' } as const
    const failed: BatchResult = {
      request: { repo, filePath: 'b' },
      error: new Error('odd'),
      fromCache: false,
      processingTimeMs: 1,
    }
    const results: BatchResult[] = [
      { request: { repo, filePath: 'a' }, content, fromCache: true, processingTimeMs: 1 },
      failed,
    ]
    new ResourceManager().cleanupBatchResources(results)
    expect(results).toEqual([{ request: { repo, filePath: 'a' }, fromCache: true, processingTimeMs: 1 }, failed])
    expect(content.content).toBe('text')
  })

  it.each([
    [{ maxMemoryMb: 0 }, 'maxMemoryMb must be above 0, not 0.'],
    [{ maxMemoryMb: Number.NaN }, 'maxMemoryMb must be above 0, not NaN.'],
    [{ cleanupThreshold: 0 }, 'cleanupThreshold must be above 0 and at most 1, not 0.'],
    [{ cleanupThreshold: 1.5 }, 'cleanupThreshold must be above 0 and at most 1, not 1.5.'],
  ])('refuses %o', (options, message) => {
    expect(() => new ResourceManager(options)).toThrow(new RangeError(message))
  })
})
