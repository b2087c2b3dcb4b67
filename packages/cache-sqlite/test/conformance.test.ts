import { conformanceCases } from '@x/core/conformance'
import { describe, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('SqliteCache keeps the contract of every store:', () => {
  it.each(conformanceCases)('$name', async ({ run }) => {
    let now = 1_700_000_000_000
    await run({
      create: (options) =>
        new SqliteCache({ ...options, path: `${temporaryFolder()}/cache.db`, clock: { now: () => now } }),
      advance: (milliseconds) => {
        now += milliseconds
      },
    })
  })
})
