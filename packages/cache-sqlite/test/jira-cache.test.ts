import { statSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { JiraCache, type JiraCacheOptions } from '../src/index.ts'
import { userCacheFolder } from '../src/user-cache-folder.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MINUTE = 60_000

function open(options: JiraCacheOptions = {}): JiraCache {
  return new JiraCache({ path: ':memory:', ...options })
}

describe('JiraCache', () => {
  it.each([
    ['issue', 5 * MINUTE],
    ['project', 60 * MINUTE],
    ['user', 60 * MINUTE],
    ['field', 24 * 60 * MINUTE],
    ['search', MINUTE],
    ['comment', 5 * MINUTE],
  ])('keeps an entry of the category %s for %i ms', (category, life) => {
    let now = 0
    using cache = open({ clock: { now: () => now } })
    cache.set('PROJ-1', { summary: 's' }, { category })
    now = life - 1
    expect(cache.get('PROJ-1', { category })).toEqual({ summary: 's' })
    now = life
    expect(cache.get('PROJ-1', { category })).toBeUndefined()
  })

  it('lets set() and an option say otherwise, and keeps the rest of a category that an option names', () => {
    let now = 0
    const categories = { user: { ttl: 10 }, search: { maxSizeBytes: 100 } } as const
    using cache = open({ clock: { now: () => now }, categories, defaultTtl: 20 })
    cache.set('a', 1, { category: 'issue', ttl: 5 })
    for (const category of ['user', 'other', 'search']) cache.set('a', 1, { category })
    const live = (): string[] => ['issue', 'user', 'other', 'search'].filter((category) => cache.has('a', { category }))
    now = 5
    expect(live()).toEqual(['user', 'other', 'search'])
    now = 10
    expect(live()).toEqual(['other', 'search'])
    now = 20
    expect(live()).toEqual(['search'])
    now = MINUTE
    expect(live()).toEqual([])
    expect(() => cache.set('b', 'x'.repeat(100), { category: 'search' })).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE' }),
    )
  })

  it('invalidates by key, by pattern and by category, and counts what went', () => {
    using cache = open()
    for (const key of ['PROJ-123', 'PROJ-456', 'OTHER-789']) cache.set(key, key, { category: 'issue' })
    cache.set('PROJ-123', 'P', { category: 'project' })
    expect(cache.invalidate({ pattern: 'PROJ-*', category: 'issue' })).toBe(2)
    expect(cache.get('OTHER-789', { category: 'issue' })).toBe('OTHER-789')
    expect(cache.invalidate({ key: 'OTHER-789' })).toBe(1)
    expect(cache.invalidate({ category: 'project' })).toBe(1)
    expect(cache.getStats()).toMatchObject({ entryCount: 0, hits: 1, misses: 0, hitRate: 1, byCategory: {} })
  })

  it('lies in the cache folder of its user, for nobody else, and may hold 100 MiB', () => {
    const home = temporaryFolder()
    vi.stubEnv('XDG_CACHE_HOME', home)
    try {
      using cache = new JiraCache()
      cache.set('a', 1)
      const modes = ['x', 'x/jira.sqlite'].map((path) => statSync(join(home, path)).mode & 0o777)
      expect(modes).toEqual([0o700, 0o600])
      const eighth = 'x'.repeat(13 * 1_024 * 1_024)
      for (let index = 0; index < 9; index += 1) cache.set(`large-${index}`, eighth)
      expect(cache.getStats().totalSizeBytes).toBe(7 * (eighth.length + 2))
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('makes keys that differ in whatever their data differ', () => {
    using cache = open()
    expect(cache.generateKey('cat', 'a', { kw: 'v' })).toBe(cache.generateKey('cat', 'a', { kw: 'v' }))
    const search = (startAt: number): string => cache.generateKey('search', 'project = X', { startAt, maxResults: 50 })
    expect(search(0)).not.toBe(search(50))
    expect(cache.generateKey('search', { a: 1, b: 2 })).toBe(cache.generateKey('search', { b: 2, a: 1 }))
    const data = fc.tuple(fc.string(), fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean())))
    fc.assert(
      fc.property(data, data, (one, other) => {
        const [a, b] = [one, other].map(([category, parts]) => cache.generateKey(category, ...parts))
        expect(a === b).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })
})

describe('userCacheFolder()', () => {
  it.each([
    ['linux', { XDG_CACHE_HOME: '/caches' }, '/caches'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, join(userCacheFolder({}, 'linux'))],
    ['darwin', { XDG_CACHE_HOME: '/caches' }, join(userCacheFolder({}, 'linux'), '../Library/Caches')],
    ['win32', { LOCALAPPDATA: '/local' }, '/local'],
    ['win32', {}, join(userCacheFolder({}, 'linux'), '../AppData/Local')],
  ] as const)('is the one of the platform: %s, %o', (platform, environment, folder) => {
    expect(userCacheFolder(environment, platform)).toBe(folder)
  })
})
