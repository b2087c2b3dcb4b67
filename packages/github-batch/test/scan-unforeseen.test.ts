import { expect, it } from 'vitest'

import { BatchCoordinator, IocCatalog } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

it('ends with what nobody foresaw, also where the token is refused after it', async () => {
  await using world = await ScanWorld.create({
    one: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }) } },
    two: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }, 600_000) } },
  })
  world.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'status', status: 401 } }])
  const matched = Promise.withResolvers<undefined>()
  class BrokenCatalog extends IocCatalog {
    override match(): never {
      matched.resolve(undefined)
      throw new Error('nobody foresaw this')
    }
  }
  const catalog = new BrokenCatalog([{ ecosystem: 'npm', name: 'bad', version: '6.6.6', source: 'list' }])
  const client = world.client({
    fetch: async (input, init) => {
      if (input instanceof URL ? input.href.includes('/git/blobs/') : JSON.stringify(input).includes('/git/blobs/'))
        await matched.promise
      return fetch(input, init)
    },
  })
  const coordinator = new BatchCoordinator({ client, cache: world.cache, catalog })
  await expect(coordinator.scan({ organizations: ['acme'] })).rejects.toThrow('nobody foresaw this')
})
