import BetterSqlite3 from 'better-sqlite3'
import { expect, it } from 'vitest'

import { Recency, type Use } from '../src/recency.ts'
import { createSchema } from '../src/sqlite-schema.ts'
import { prepareStatements } from '../src/sqlite-statements.ts'

it('Recency puts off no more uses than it may remember, however many are read before a write', () => {
  const database = new BetterSqlite3(':memory:')
  createSchema(database, ':memory:')
  const recency = new Recency(prepareStatements(database))
  const uses = Array.from({ length: 100_000 }, (_, version): Use => ({ version, usedAt: 0, isNoted: false }))
  for (const use of uses) recency.useAgain(use, use.version + 1)
  expect(uses.filter(({ isNoted }) => isNoted).length).toBeLessThan(32_768)
  expect(recency.usedAt(90_000)).toBe(90_001)
  database.close()
})
