import { conformanceCases, sharingCases } from '@x/core/conformance'
import { describe, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe.each([
  ['without a hot tier', false],
  ['with a hot tier', {}],
  ['with a small hot tier of copies', { maxSizeBytes: 100, values: 'copy' }],
] as const)('SqliteCache %s keeps the contract of every store:', (_, hot) => {
  it.each(conformanceCases)('$name', async ({ run }) => {
    let now = 1_700_000_000_000
    await run({
      create: (options) =>
        new SqliteCache({ ...options, hot, path: `${temporaryFolder()}/cache.db`, clock: { now: () => now } }),
      advance: (milliseconds) => {
        now += milliseconds
      },
    })
  })

  it.each(sharingCases)('$name', async ({ run }) => {
    await run({
      createPair: (options) => {
        const path = `${temporaryFolder()}/cache.db`
        return [new SqliteCache({ ...options, hot, path }), new SqliteCache({ ...options, hot, path })]
      },
    })
  })
})
