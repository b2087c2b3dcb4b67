import { describe, expect, it } from 'vitest'

import { MemoryCache, type MemoryCacheOptions, ServiceOptimizer } from '../src/index.ts'

describe('MemoryCache refuses', () => {
  it.each<[string, unknown, new () => Error, string]>([
    ['an unknown option', { maxSize: 1 }, TypeError, 'Unknown option: maxSize. There are maxEntries,'],
    ['options that are none', 'big', TypeError, 'Not options: big.'],
    ['no entries', { maxEntries: 0 }, RangeError, 'Not a number of entries: maxEntries: 0.'],
    ['half an entry', { maxEntries: 1.5 }, RangeError, 'Not a number of entries: maxEntries: 1.5.'],
    ['no bytes', { maxSizeBytes: 0 }, RangeError, 'Not a size: maxSizeBytes: 0.'],
    ['bytes that are no number', { maxSizeBytes: '1' }, RangeError, 'Not a size: maxSizeBytes: 1.'],
    [
      'NaN bytes of a category',
      { categories: { a: { maxSizeBytes: NaN } } },
      RangeError,
      'categories.a.maxSizeBytes: NaN',
    ],
    ['no estimate', { estimatedSizeBytes: -1 }, RangeError, 'Not a size: estimatedSizeBytes: -1.'],
    ['another kind of values', { values: 'cloned' }, TypeError, 'Not a choice: values: "cloned".'],
  ])('%s', (_, options, ErrorClass, message) => {
    const open = (): MemoryCache => new MemoryCache(options as MemoryCacheOptions)
    expect(open).toThrow(ErrorClass)
    expect(open).toThrow(message)
  })

  it('keys and categories that are no strings', () => {
    const cache = new MemoryCache()
    expect(() => cache.get(1 as unknown as string)).toThrow('Not a string: 1. Keys and categories are strings.')
    expect(() => cache.set('k', 1, { category: null as unknown as string })).toThrow('Not a string: null.')
  })
})

describe('ServiceOptimizer refuses', () => {
  it.each([1, 65_537])('a key that is no string, also with %i values', async (values) => {
    using optimizer = new ServiceOptimizer({ ttl: '5m', maxSize: 100_000 })
    for (let index = 0; index < values; index += 1) await optimizer.withOptimization(`k${index}`, () => index)
    const { cacheMisses } = optimizer.getMetrics()
    for (const key of [5, null, undefined] as unknown[] as string[]) {
      const message = `Not a key: ${key}. Give a string.`
      await expect(optimizer.withOptimization(key, () => 1)).rejects.toThrow(new TypeError(message))
      await expect(optimizer.withOptimization(key, () => 1, {})).rejects.toThrow(new TypeError(message))
      expect(() => optimizer.getCache(key)).toThrow(new TypeError(message))
    }
    expect(optimizer.getMetrics().cacheMisses).toBe(cacheMisses)
  })
})
