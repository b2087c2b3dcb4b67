import { type CacheError, isCacheError, jsonCodec } from '@x/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

import {
  AdvancedCacheManager,
  type InvalidationPattern,
  type MemoryConfig,
  ServiceOptimizer,
  type ServiceOptimizerConfig,
  type WarmingConfig,
} from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'
import { seededRandom } from './seeded-random.ts'
import { settled } from './settled.ts'

const MEGABYTE = 1_048_576
const sizeOf = (value: unknown): number => Buffer.byteLength(jsonCodec().encode(value))
const text = (bytes: number): string => 'x'.repeat(bytes - 2)

function create(config: Partial<ServiceOptimizerConfig> = {}) {
  const clock = new ManualClock()
  const optimizer = new ServiceOptimizer({ ttl: 100, maxSize: 1_000, enableMetrics: true, clock, ...config })
  const manager = new AdvancedCacheManager(optimizer)
  const errors: CacheError[] = []
  optimizer.addEventListener({ onCacheError: (error) => errors.push(error as CacheError) })
  const put = (key: string, value: unknown): Promise<unknown> => optimizer.withOptimization(key, () => value)
  return { clock, optimizer, manager, errors, put }
}

afterEach(() => {
  vi.useRealTimers()
})

function memory(bytes: number, estimatedItemSize = 10): MemoryConfig {
  return { maxMemoryUsage: bytes / MEGABYTE, checkInterval: 1_000, estimatedItemSize }
}

describe('setMemoryConfig()', () => {
  it('has usage back under the limit before the call that exceeded it returns', async () => {
    const { manager, optimizer, put } = create()
    manager.setMemoryConfig(memory(100))
    for (const key of ['a', 'b', 'c']) await put(key, text(40))
    expect(manager.getMemoryStats()).toEqual({ currentUsage: 80, peakUsage: 80, evictionCount: 1 })
    expect(['a', 'b', 'c'].filter((key) => optimizer.getCache(key) !== undefined)).toEqual(['b', 'c'])
    manager.close()
  })

  it('measures what is there, and makes room at once', async () => {
    const { manager, put } = create()
    const values = [text(40), [1, 2, 3], text(60)]
    for (const [index, value] of values.entries()) await put(`k-${index}`, value)
    expect(manager.getMemoryStats().currentUsage).toBe(3 * 1_024)
    manager.setMemoryConfig(memory(90))
    expect(manager.getMemoryStats().currentUsage).toBe(sizeOf([1, 2, 3]) + 60)
    manager.setMemoryConfig(memory(60))
    expect(manager.getMemoryStats().currentUsage).toBe(60)
    manager.close()
  })

  it('counts the estimate for what cannot be measured', async () => {
    const { manager, put } = create()
    manager.setMemoryConfig(memory(100, 30))
    await put('k', { when: new Date(0) })
    expect(manager.getMemoryStats().currentUsage).toBe(30)
    manager.close()
  })

  it('answers with a value above the limit, does not keep it, and says so', async () => {
    const { manager, optimizer, errors, put } = create()
    manager.setMemoryConfig(memory(100))
    await put('small', 1)
    expect(await put('large', text(101))).toBe(text(101))
    expect(errors).toEqual([expect.objectContaining({ code: 'MEMORY_LIMIT_EXCEEDED' })])
    expect(errors[0]?.details).toEqual({ key: 'large', bytes: 101, limit: 100 })
    expect([optimizer.getCache('small'), optimizer.getCache('large')]).toEqual([1, undefined])
    manager.close()
  })

  it('removes what has expired at intervals', async () => {
    vi.useFakeTimers()
    const { manager, clock, put } = create()
    await put('k', 1)
    manager.setMemoryConfig(memory(100))
    clock.advance(100)
    expect(manager.getCacheStats().entryCount).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(manager.getCacheStats().entryCount).toBe(0)
    manager.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never exceeds its limits at any moment, in 100,000 random operations', async () => {
    const { manager, optimizer, clock } = create({ maxSize: 20, ttl: 50 })
    manager.setMemoryConfig(memory(500))
    manager.setServiceConfig('s', { maxSize: 5 })
    const check = (): void => {
      const { entryCount, totalSizeBytes, byService } = manager.getCacheStats()
      if (entryCount > 20 || totalSizeBytes > 500 || (byService['s']?.entryCount ?? 0) > 5) {
        expect.unreachable(JSON.stringify(manager.getCacheStats()))
      }
    }
    optimizer.addEventListener({ onCacheEvict: check, onCacheInvalidate: check })
    const random = seededRandom(7)
    for (let step = 0; step < 100_000; step += 1) {
      const key = `${'stu'[Math.floor(random() * 3)] ?? ''}-${Math.floor(random() * 20)}`
      const choice = random()
      if (choice < 0.9) {
        const value = text(2 + Math.floor(random() * 100))
        await optimizer.withOptimization(key, () => value, choice < 0.2 ? { staleIfError: 20 } : undefined)
      } else if (choice < 0.95) clock.advance(10)
      else if (choice < 0.98) await optimizer.invalidateCache(key)
      else await optimizer.invalidateCache('t-*')
      check()
    }
    expect(manager.getMemoryStats().evictionCount).toBeGreaterThan(1_000)
    manager.close()
  })
})

describe('setServiceConfig()', () => {
  it('limits the values of one service, by when they were used, and counts it', async () => {
    const { manager, optimizer, put } = create()
    for (const key of ['user-1', 'user:2', 'user-3', 'task-1', 'users-1']) await put(key, key)
    manager.setServiceConfig('user', { maxSize: 2 })
    expect(optimizer.getCache('user-1')).toBeUndefined()
    expect(optimizer.getCache('user:2')).toBe('user:2')
    await put('user-4', 4)
    expect(optimizer.getCache('user-3')).toBeUndefined()
    const { entryCount, byService } = manager.getCacheStats()
    expect(entryCount).toBe(4)
    expect(byService).toEqual({
      user: { entryCount: 2, totalSizeBytes: 2_048, maxSize: 2, hits: 1, misses: 3, hitRate: 0.25, evictions: 2 },
    })
    manager.setServiceConfig('user', { maxSize: 1 })
    expect(manager.getCacheStats().byService['user']?.entryCount).toBe(1)
    manager.close()
  })

  it('leaves the order of use as it is', async () => {
    const { manager, optimizer, put } = create({ maxSize: 2 })
    await put('task-1', 1)
    await put('user-1', 1)
    manager.setServiceConfig('task', { maxSize: 2 })
    await put('user-2', 1)
    expect([optimizer.getCache('task-1'), optimizer.getCache('user-1')]).toEqual([undefined, 1])
    manager.close()
  })

  it('counts hits of all services together in getCacheStats()', async () => {
    const { manager, optimizer, put } = create()
    manager.setServiceConfig('user', { maxSize: 2 })
    for (const key of ['user-1', 'task-1']) {
      await put(key, 1)
      optimizer.getCache(key)
    }
    const { byCategory, ...stats } = manager.getCacheStats()
    expect(stats).toMatchObject({ hits: 2, misses: 2, hitRate: 0.5, entryCount: 2, evictions: 0, errors: 0 })
    expect(byCategory).toEqual({ default: { entryCount: 2, totalSizeBytes: 2_048 } })
    manager.close()
  })
})

describe('setWarmingConfig()', () => {
  const warming = (change: Partial<WarmingConfig> & Pick<WarmingConfig, 'load'>): WarmingConfig => ({
    patterns: ['*'],
    interval: 1_000,
    priority: 5,
    ...change,
  })

  it('loads at once and at intervals, the higher priority first', async () => {
    vi.useFakeTimers()
    const { manager, optimizer } = create()
    const log: string[] = []
    const loadAs = (name: string) => (pattern: string) => {
      log.push(`${name} ${pattern}`)
      return Promise.resolve([[`${name}-1`, log.length]] as const)
    }
    manager.setWarmingConfig('low', warming({ priority: 1, load: loadAs('low') }))
    manager.setWarmingConfig('high', warming({ priority: 10, patterns: ['a', 'b'], load: loadAs('high') }))
    await vi.advanceTimersByTimeAsync(1)
    expect(log).toEqual(['high a', 'high b', 'low *'])
    expect(optimizer.getCache('high-1')).toBe(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(log.slice(3)).toEqual(['high a', 'high b', 'low *'])
    manager.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(log).toHaveLength(6)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never replaces a good value by nothing', async () => {
    vi.useFakeTimers()
    const { manager, optimizer, put } = create()
    await put('user-1', 'good')
    const load = () =>
      [
        ['user-1', null],
        ['user-2', null],
        ['user-3', undefined],
      ] as const
    manager.setWarmingConfig('user', warming({ load }))
    await vi.advanceTimersByTimeAsync(1)
    expect(['user-1', 'user-2', 'user-3'].map((key) => optimizer.getCache(key))).toEqual(['good', null, undefined])
    manager.close()
  })

  it('leaves alone what changed after the load began', async () => {
    vi.useFakeTimers()
    const { manager, optimizer, put } = create()
    const gate = Promise.withResolvers<[string, string][]>()
    manager.setWarmingConfig('user', warming({ load: () => gate.promise }))
    await vi.advanceTimersByTimeAsync(1)
    await put('user-1', 'newer')
    await optimizer.invalidateCache('user-2*')
    gate.resolve([1, 2, 3].map((id) => [`user-${id}`, 'warmed']))
    await vi.advanceTimersByTimeAsync(0)
    expect([1, 2, 3].map((id) => optimizer.getCache(`user-${id}`))).toEqual(['newer', undefined, 'warmed'])
    manager.close()
  })

  it('tries again, then counts the failure and tells the listeners', async () => {
    vi.useFakeTimers()
    const { manager, optimizer, errors } = create()
    let attempts = 0
    const cause = new Error('unreachable')
    const load = (): Promise<never> => {
      attempts += 1
      return Promise.reject(cause)
    }
    manager.setWarmingConfig('user', warming({ interval: '1h', retryCount: 2, retryDelay: 50, load }))
    await vi.advanceTimersByTimeAsync(99)
    expect([attempts, errors.length]).toEqual([2, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect(attempts).toBe(3)
    expect(errors).toEqual([expect.objectContaining({ code: 'WARMING_FAILED', cause })])
    expect(errors[0]?.details).toEqual({ service: 'user', pattern: '*' })
    expect(optimizer.getMetrics().warmingErrors).toBe(1)
    manager.close()
  })

  it('gives a load up that takes longer than its interval, and cancels the one in progress when it is closed', async () => {
    vi.useFakeTimers()
    const { manager, optimizer, errors } = create()
    const signals: AbortSignal[] = []
    const load = (_: string, { signal }: { signal: AbortSignal }): Promise<never> => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    manager.setWarmingConfig('user', warming({ retryCount: 0, load }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(isCacheError(errors[0]?.cause, 'OPERATION_TIMEOUT')).toBe(true)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    optimizer.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(errors).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('survives a load that closes the manager and throws at once', async () => {
    vi.useFakeTimers()
    const { manager, errors } = create()
    const load = (): never => {
      manager.close()
      throw new Error('gone')
    }
    // Vitest fails for a rejection that nobody handles.
    manager.setWarmingConfig('user', warming({ load }))
    await vi.advanceTimersByTimeAsync(1)
    expect(errors).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('addInvalidationPattern()', () => {
  const isCompleted = (data: { status: string }): boolean => data.status === 'completed'

  it('removes what is written and matches, and tells of it', async () => {
    const { manager, optimizer, put } = create()
    const gone: string[] = []
    manager.addInvalidationPattern({ pattern: 'task-*', condition: isCompleted, onInvalidate: (key) => gone.push(key) })
    for (const key of ['task-1', 'task-2', 'user-1'])
      await put(key, { status: key === 'task-2' ? 'open' : 'completed' })
    expect(['task-1', 'task-2', 'user-1'].filter((key) => optimizer.getCache(key) === undefined)).toEqual(['task-1'])
    const again = await optimizer.withOptimization('task-2', () => ({ status: 'completed' }), { forceRefresh: true })
    expect(again).toEqual({ status: 'completed' })
    expect(optimizer.getCache('task-2')).toBeUndefined()
    expect(gone).toEqual(['task-1', 'task-2'])
    manager.close()
  })

  it('ends a cascade: each key is told once in it', async () => {
    const { manager, put } = create()
    const told: string[] = []
    const writes: Promise<unknown>[] = []
    manager.addInvalidationPattern({
      pattern: /task-\d+/,
      condition: isCompleted,
      onInvalidate: (key) => {
        told.push(key)
        writes.push(put(key === 'task-1' ? 'task-2' : 'task-1', { status: 'completed' }))
      },
    })
    await put('task-1', { status: 'completed' })
    await settled()
    expect(told).toEqual(['task-1', 'task-2'])
    await Promise.all(writes)
    await put('task-1', { status: 'completed' })
    await settled()
    expect(told).toHaveLength(4)
    manager.close()
  })

  it('ends a cascade of ever new keys, and tells the listeners', async () => {
    const { manager, errors, put } = create()
    const told: string[] = []
    manager.addInvalidationPattern({
      pattern: '*',
      condition: () => true,
      onInvalidate: (key) => {
        told.push(key)
        void put(`k-${told.length}`, 1)
      },
    })
    await put('k', 1)
    for (let turn = 0; turn < 300; turn += 1) await settled()
    expect(told).toHaveLength(100)
    expect(errors).toMatchObject([{ code: 'INVALID_CONFIGURATION', details: { key: 'k-100', patterns: ['*'] } }])
    manager.close()
  })

  it('keeps a value whose condition throws, and survives an onInvalidate that does', async () => {
    const { manager, optimizer, errors, put } = create()
    const broken = (): never => {
      throw new Error('broken')
    }
    manager.addInvalidationPattern({ pattern: 'a*', condition: broken, onInvalidate: () => undefined })
    manager.addInvalidationPattern({ pattern: 'b*', condition: () => true, onInvalidate: broken })
    await put('a', 1)
    await put('b', 1)
    expect([optimizer.getCache('a'), optimizer.getCache('b')]).toEqual([1, undefined])
    expect(errors.map(({ message }) => message)).toEqual(['broken', 'broken'])
    manager.close()
  })

  it('tells the listeners of an onInvalidate or a condition whose promise rejects', async () => {
    const { manager, errors, put } = create()
    const fail = async (message: string): Promise<void> => {
      await Promise.resolve()
      throw new Error(message)
    }
    const condition = (() => fail('no condition')) as unknown as () => boolean
    manager.addInvalidationPattern({ pattern: '*', condition, onInvalidate: () => fail('down') })
    await put('a', 1)
    await settled()
    expect(errors.map(({ message }) => message)).toEqual(['no condition', 'down'])
    manager.close()
  })
})

describe('close()', () => {
  it('is done by the optimizer, and once is enough', () => {
    const { manager, optimizer } = create()
    optimizer.close()
    manager.close()
    expect(() => {
      manager.setServiceConfig('s', { maxSize: 1 })
    }).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
    expect(() => new AdvancedCacheManager(optimizer)).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })
})

describe('what is refused names its field and value', () => {
  const { manager } = create()
  const good = { patterns: ['*'], interval: 1, priority: 1, load: () => [] }
  const wrongs: [string, unknown, () => unknown][] = [
    ['ttl', 0, () => new ServiceOptimizer({ ttl: 0, maxSize: 1 })],
    ['ttl', '5 minutes', () => new ServiceOptimizer({ ttl: '5 minutes' as '5m', maxSize: 1 })],
    ['maxSize', 0, () => new ServiceOptimizer({ ttl: 1, maxSize: 0 })],
    ['maxSize', 1.5, () => new ServiceOptimizer({ ttl: 1, maxSize: 1.5 })],
    ['maxsize', 1, () => new ServiceOptimizer({ ttl: 1, maxSize: 1, maxsize: 1 } as ServiceOptimizerConfig)],
    [
      'enableMetrics',
      'yes',
      () => new ServiceOptimizer({ ttl: 1, maxSize: 1, enableMetrics: 'yes' as unknown as boolean }),
    ],
    ['values', 'clone', () => new ServiceOptimizer({ ttl: 1, maxSize: 1, values: 'clone' as 'copy' })],
    [
      'maxMemoryUsage',
      0,
      () => {
        manager.setMemoryConfig({ ...memory(1), maxMemoryUsage: 0 })
      },
    ],
    [
      'maxMemoryUsage',
      NaN,
      () => {
        manager.setMemoryConfig({ ...memory(1), maxMemoryUsage: NaN })
      },
    ],
    [
      'checkInterval',
      -1,
      () => {
        manager.setMemoryConfig({ ...memory(1), checkInterval: -1 })
      },
    ],
    [
      'estimatedItemSize',
      0,
      () => {
        manager.setMemoryConfig({ ...memory(1), estimatedItemSize: 0 })
      },
    ],
    [
      'maxSize',
      -1,
      () => {
        manager.setServiceConfig('s', { maxSize: -1 })
      },
    ],
    [
      'service',
      'a-b',
      () => {
        manager.setServiceConfig('a-b', { maxSize: 1 })
      },
    ],
    [
      'priority',
      11,
      () => {
        manager.setWarmingConfig('s', { ...good, priority: 11 })
      },
    ],
    [
      'interval',
      0,
      () => {
        manager.setWarmingConfig('s', { ...good, interval: 0 })
      },
    ],
    [
      'retryCount',
      -1,
      () => {
        manager.setWarmingConfig('s', { ...good, retryCount: -1 })
      },
    ],
    [
      'load',
      undefined,
      () => {
        manager.setWarmingConfig('s', { ...good, load: undefined } as unknown as WarmingConfig)
      },
    ],
    [
      'patterns',
      'x',
      () => {
        manager.setWarmingConfig('s', { ...good, patterns: 'x' } as unknown as WarmingConfig)
      },
    ],
    [
      'pattern',
      '[',
      () => {
        manager.addInvalidationPattern({ pattern: '[', condition: Boolean, onInvalidate: Boolean })
      },
    ],
    [
      'condition',
      1,
      () => {
        manager.addInvalidationPattern({ pattern: '*', condition: 1 } as unknown as InvalidationPattern)
      },
    ],
  ]

  it.each(wrongs)('%s: %j', (field, value, act) => {
    const error: unknown = catchError(act)
    expect(isCacheError(error, 'INVALID_CONFIGURATION')).toBe(true)
    expect(error).toMatchObject({ details: { field, value } })
    expect(String(error)).toContain(`${field}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`)
  })

  it('and what is no optimizer is refused', () => {
    expect(() => new AdvancedCacheManager(Object.create(null) as ServiceOptimizer)).toThrow(TypeError)
  })
})

function catchError(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
