import fc from 'fast-check'
import { expect, it } from 'vitest'

import { NameFilter } from '../src/ioc/name-filter.ts'

it('lets every name pass that it was told, and none where it was told none', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { size: 'max', maxLength: 50 }), (names) => {
      const filter = new NameFilter()
      expect(names.some((name) => filter.mayHave(name))).toBe(false)
      for (const name of names) filter.add(name)
      expect(names.every((name) => filter.mayHave(name))).toBe(true)
    }),
  )
})

it('refuses nearly all others, also where they look alike', () => {
  const filter = new NameFilter()
  for (let index = 0; index < 10_000; index += 1) filter.add(`@scope-${index % 50}/package-${index * 7}`)
  const others = Array.from({ length: 10_000 }, (_, index) => `left-pad-${index}`)
  expect(others.filter((name) => filter.mayHave(name)).length).toBeLessThan(200)
})
