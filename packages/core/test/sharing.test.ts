import { describe, expect, it } from 'vitest'
import { type SharingHarness, sharingCases } from '../src/conformance/index.ts'
import { type CacheStore, type GetOptions, systemClock } from '../src/index.ts'
import { ReferenceCache } from './reference-cache.ts'

describe('two stores that share what they hold', () => {
  const harness: SharingHarness = {
    createPair: (options) => {
      const store = new ReferenceCache({ ...options, clock: systemClock })
      return [handleOf(store), handleOf(store)]
    },
  }
  for (const promise of sharingCases) it(promise.name, () => promise.run(harness))
})

describe('two stores that share nothing turn every case red', () => {
  const harness: SharingHarness = {
    createPair: (options) => [new ReferenceCache(options), new ReferenceCache(options)],
  }
  for (const promise of sharingCases) {
    it(promise.name, async () => {
      await expect(promise.run(harness)).rejects.toThrow()
    })
  }
})

describe('two stores that keep what they have read', () => {
  const harness: SharingHarness = {
    createPair: (options) => {
      const store = new ReferenceCache({ ...options, clock: systemClock })
      return [remembering(handleOf(store)), remembering(handleOf(store))]
    },
  }
  it.each([
    'what one store writes is what the next read of the other answers',
    'two stores may write the same key in turn',
    'after delete() of one store both answer the same',
    'after clear() of one store both answer the same',
  ])('turn red: %s', async (name) => {
    const promise = sharingCases.find((one) => one.name === name)
    await expect(promise?.run(harness)).rejects.toThrow('Expected')
  })
})

/** The same store, but for its being closed. */
function handleOf(store: ReferenceCache): CacheStore {
  return new Proxy<CacheStore>(store, {
    get(target, name) {
      if (name === 'close') return () => undefined
      if (name === Symbol.asyncDispose) return () => Promise.resolve()
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}

/** One that never looks again at what it has read. */
function remembering(store: CacheStore): CacheStore {
  const read = new Map<string, unknown>()
  const get = async (key: string, options?: GetOptions): Promise<unknown> => {
    if (!read.has(key)) read.set(key, await store.get(key, options))
    return read.get(key)
  }
  return new Proxy(store, { get: (target, name) => (name === 'get' ? get : (Reflect.get(target, name) as unknown)) })
}
