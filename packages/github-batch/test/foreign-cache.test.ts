import { type CacheStore, type ScopeOptions } from '@x/core'
import { describe, expect, it } from 'vitest'

import { BatchCoordinator } from '../src/index.ts'
import { BAD, npmLock, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }

const FOREIGN: readonly unknown[] = [
  5,
  null,
  'text',
  {},
  [],
  [5],
  { text: 5, oid: 5, base64: null },
  { discovery: {}, partial: null },
  { discovery: { files: [5], gaps: [] } },
  { partial: { files: [], linked: false, open: [null] } },
  { packages: [], ranges: [], problems: 5 },
  { packages: [null], ranges: [], problems: [] },
  { chunks: '0', errors: [], sweptAt: 0 },
  { basis: 'b', outcomes: [{ entry: 5 }] },
]

/** A cache that answers with something of its own for every key, but in one category. */
function lying(cache: CacheStore, answer: unknown, trueCategory = ''): CacheStore {
  const lie = <T>(value: T, category: string | undefined): T => (category === trueCategory ? value : (answer as T))
  return new Proxy(cache, {
    get(target, name) {
      if (name === 'get') {
        const get: CacheStore['get'] = async (key, options) => lie(await target.get(key, options), options?.category)
        return get
      }
      if (name === 'getMany') {
        const getMany = async (keys: readonly string[], options?: ScopeOptions): Promise<Map<string, unknown>> => {
          const known = await target.getMany(keys, options)
          return new Map(keys.map((key) => [key, lie(known.get(key), options?.category)]))
        }
        return getMany
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

describe('a cache that answers with something else', () => {
  it.each(FOREIGN.map((answer) => [JSON.stringify(answer), answer]))(
    'such as %s costs calls, never the scan',
    async (_, answer) => {
      await using world = await ScanWorld.create({
        one: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }) } },
        two: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }, 600_000) } },
      })
      const told: unknown[] = []
      const over = (trueCategory?: string): BatchCoordinator => {
        const cache = lying(world.cache, answer, trueCategory)
        return new BatchCoordinator({
          client: world.client(),
          cache,
          catalog: BAD,
          onCacheError: (error) => told.push(error),
        })
      }
      world.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'status', status: 404 } }])
      const incomplete = await world.coordinator().scan(ACME)
      expect(incomplete.complete).toBe(false)
      world.server.setFaults([])

      for (const run of [() => over('scan').resume(incomplete.id), () => over().scan(ACME)]) {
        const { findings, complete } = await run()
        expect(findings.map(({ repository, through }) => [repository, through])).toEqual([
          ['acme/one', undefined],
          ['acme/two', undefined],
        ])
        expect(complete).toBe(true)
      }
      // Where GitHub may not be asked, what is not known is missing.
      expect((await over().scan(ACME, { offline: true })).complete).toBe(false)
      expect(await over().scans()).toEqual([])
      expect(told).toContainEqual(expect.objectContaining({ name: 'CacheError', code: 'STORE_CORRUPT' }))
    },
  )

  it('is no map, and costs calls too', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }) } } })
    const cache = new Proxy(world.cache, {
      get(target, name) {
        if (name === 'getMany') return () => Promise.resolve(undefined)
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const { findings, complete } = await new BatchCoordinator({ client: world.client(), cache, catalog: BAD }).scan(
      ACME,
    )
    expect([findings.length, complete]).toEqual([1, true])
  })
})
