import { describe, expect, it } from 'vitest'
import { conformanceCases } from '../src/conformance/index.ts'
import type { CacheStore } from '../src/index.ts'
import { MUTANTS } from './mutants/index.ts'
import { ReferenceCache } from './reference-cache.ts'
import { harnessOf } from './reference-harness.ts'

describe('a store that answers at once', () => {
  const harness = harnessOf((options) => new ReferenceCache(options))
  for (const promise of conformanceCases) it(promise.name, () => promise.run(harness))
})

describe('a store that answers later', () => {
  const harness = harnessOf((options) => answeringLater(new ReferenceCache(options)))
  for (const promise of conformanceCases) it(promise.name, () => promise.run(harness))
})

describe('a store that breaks one promise turns its case red', () => {
  for (const promise of conformanceCases) {
    const mutants = MUTANTS.filter(({ caseName }) => caseName === promise.name)
    it(promise.name, async () => {
      expect(mutants, 'mutants of this case').not.toHaveLength(0)
      for (const { how, open } of mutants) {
        await expect(promise.run(harnessOf(open)), how).rejects.toThrow()
      }
    })
  }

  it('and no broken store is left without a case', () => {
    const names = new Set(conformanceCases.map(({ name }) => name))
    expect(MUTANTS.filter(({ caseName }) => !names.has(caseName))).toEqual([])
  })
})

describe('the kit', () => {
  it('has a name of its own for every case', () => {
    const names = conformanceCases.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

/** The same store, each of whose answers and errors comes by a promise. */
function answeringLater(store: CacheStore): CacheStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      const isAboutListeners = name === 'addEventListener' || name === 'removeEventListener'
      if (isAboutListeners) return member.bind(target) as unknown
      return async (...args: unknown[]) => {
        await Promise.resolve()
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}
