import { describe, expect, it } from 'vitest'

import { type BatchConfig, createBatchConfig } from '../src/index.ts'

describe('createBatchConfig()', () => {
  it('has the defaults', () => {
    expect(createBatchConfig()).toEqual({
      maxConcurrentRequests: 10,
      maxConcurrentRepos: 3,
      defaultBatchSize: 10,
      maxBatchSize: 50,
      minBatchSize: 1,
      rateLimitBuffer: 0.8,
      retryAttempts: 3,
      retryDelayBase: '1s',
      maxMemoryUsageMb: 500,
      streamLargeFilesThreshold: 1_048_576,
      defaultStrategy: 'adaptive',
      enableCrossRepoBatching: true,
      enableFilePrioritization: true,
      enablePerformanceMonitoring: true,
      logBatchMetrics: false,
    })
  })

  it('keeps what is given, and takes undefined for absent', () => {
    const config = createBatchConfig({ maxConcurrentRequests: 15, defaultBatchSize: 12, retryAttempts: undefined })
    expect(config).toMatchObject({
      maxConcurrentRequests: 15,
      defaultBatchSize: 12,
      retryAttempts: 3,
      maxBatchSize: 50,
    })
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(createBatchConfig())).toBe(true)
  })

  it.each<[Partial<Record<keyof BatchConfig, unknown>>, string]>([
    [{ maxConcurrentRequests: 0 }, 'maxConcurrentRequests must be a whole number from 1 to 100, not 0.'],
    [{ maxConcurrentRequests: 101 }, 'maxConcurrentRequests must be a whole number from 1 to 100, not 101.'],
    [{ maxConcurrentRepos: 1.5 }, 'maxConcurrentRepos must be a whole number from 1 to 100, not 1.5.'],
    [{ defaultBatchSize: 0 }, 'defaultBatchSize must be a whole number from 1 to 100, not 0.'],
    [{ maxBatchSize: 1_000 }, 'maxBatchSize must be a whole number from 1 to 100, not 1000.'],
    [{ minBatchSize: -1 }, 'minBatchSize must be a whole number from 1 to 100, not -1.'],
    [{ rateLimitBuffer: 0 }, 'rateLimitBuffer must be above 0 and at most 1, not 0.'],
    [{ rateLimitBuffer: 1.1 }, 'rateLimitBuffer must be above 0 and at most 1, not 1.1.'],
    [{ retryAttempts: Number.NaN }, 'retryAttempts must be a whole number from 0 to 100, not NaN.'],
    [{ retryDelayBase: -1 }, 'retryDelayBase must be a duration of 0 or more, such as "1s", not -1.'],
    [{ retryDelayBase: 'soon' }, 'retryDelayBase must be a duration of 0 or more, such as "1s", not "soon".'],
    [{ maxMemoryUsageMb: 0 }, 'maxMemoryUsageMb must be above 0, not 0.'],
    [{ streamLargeFilesThreshold: -5 }, 'streamLargeFilesThreshold must be 0 or more, not -5.'],
    [
      { maxBatchSize: 5, defaultBatchSize: 6 },
      'minBatchSize (1), defaultBatchSize (6) and maxBatchSize (5) must not fall.',
    ],
    [{ minBatchSize: 60 }, 'minBatchSize (60), defaultBatchSize (50) and maxBatchSize (50) must not fall.'],
  ])('refuses %o as out of bounds', (options, message) => {
    expect(() => createBatchConfig(options as Partial<BatchConfig>)).toThrow(new RangeError(message))
  })

  it.each<[Record<string, unknown>, string]>([
    [{ maxConcurrentRequests: '10' }, 'maxConcurrentRequests must be a whole number from 1 to 100, not "10".'],
    [
      { defaultStrategy: 'fast' },
      'defaultStrategy must be one of sequential, parallel, adaptive, aggressive, conservative, not "fast".',
    ],
    [{ logBatchMetrics: 1 }, 'logBatchMetrics must be true or false, not 1.'],
    [{ enableCrossRepoBatching: null }, 'enableCrossRepoBatching must be true or false, not null.'],
  ])('refuses %o as of the wrong type', (options, message) => {
    expect(() => createBatchConfig(options)).toThrow(new TypeError(message))
  })

  it('names an option that does not exist', () => {
    expect(() => createBatchConfig({ maxConcurrency: 3 } as Partial<BatchConfig>)).toThrow(
      /^Unknown option: maxConcurrency\. There are maxConcurrentRequests, /,
    )
    expect(() => createBatchConfig(JSON.parse('{ "__proto__": 3 }') as Partial<BatchConfig>)).toThrow(TypeError)
  })

  it('moves the default size into narrower limits', () => {
    expect(createBatchConfig({ maxBatchSize: 5 }).defaultBatchSize).toBe(5)
    expect(createBatchConfig({ minBatchSize: 20 }).defaultBatchSize).toBe(20)
  })
})
