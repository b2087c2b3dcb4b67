import { SqliteCache } from '@x/cache-sqlite'

import { BatchCoordinator, DEFAULT_BATCH_PLAN, GitHubClient } from '../src/index.ts'
import { BAD } from './bad-catalog.ts'

/** A scan in a process of its own, to be killed: begins one, or goes on with the newest, and prints the result. */
const [url = '', path = '', scopeText = '{}'] = process.argv.slice(2)
const cache = new SqliteCache({ path })
const client = new GitHubClient({ token: 'token-a', baseUrl: url, retryDelay: 1 })
const coordinator = new BatchCoordinator({ client, cache, catalog: BAD })
const plan = { ...DEFAULT_BATCH_PLAN, repositoriesAtOnce: 12, treesPerQuery: { first: 4, most: 6 } }
const [newest] = await coordinator.scans()
const { findings, ledger, complete } = await (newest === undefined
  ? coordinator.scan(JSON.parse(scopeText) as { organizations: string[] }, { plan })
  : coordinator.resume(newest.id, { plan }))
cache.close()
process.stdout.write(JSON.stringify({ findings, ledger, complete }))
