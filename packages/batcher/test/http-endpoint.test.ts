import fc from 'fast-check'
import { expect, it } from 'vitest'

import { BaseUrl } from '../src/http-endpoint.ts'

const PLAIN = fc.string({ unit: fc.constantFrom(...'az09-_~!$&()*+,;=:@/?.'.split('')), maxLength: 8 })
const ODD = fc.constantFrom('..', '/.', '%2e', '%41', "'", '"', '\\', '|', '^', '`', '[', '{', '<', '#', ' ', '\t', 'é')

it('BaseUrl resolves an endpoint as a URL does, also where it does not parse it', () => {
  const base = new BaseUrl('http://base.test/root')
  const endpoints = fc.array(fc.oneof(PLAIN, ODD), { maxLength: 3 }).map((parts) => `/${parts.join('')}`)
  fc.assert(
    fc.property(endpoints, (endpoint) => {
      const { origin, pathname, search } = new URL(`http://base.test/root${endpoint}`)
      fc.pre(`${pathname}/`.startsWith('/root/'))
      expect(base.resolve(endpoint)).toEqual({ origin, path: pathname + search })
    }),
    { numRuns: 5_000 },
  )
})
