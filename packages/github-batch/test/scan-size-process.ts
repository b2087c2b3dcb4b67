import { SqliteCache } from '@x/cache-sqlite'

import { BatchCoordinator, GitHubClient, RateBudget } from '../src/index.ts'
import { BAD } from './bad-catalog.ts'

/** A scan in a process of its own, at no pace: prints what it came to, and what it took. */
const [url = '', path = ''] = process.argv.slice(2)
const start = Date.now()
const budget = new RateBudget({
  clock: { now: () => start + (Date.now() - start) * 1_000 },
  delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 1_000)),
})
const cache = new SqliteCache({ path, maxSizeBytes: 10_000_000_000 })
const client = new GitHubClient({ token: 'token-a', baseUrl: url, budget })
const coordinator = new BatchCoordinator({ client, cache, catalog: BAD })
const { findings, ledger, complete, cost } = await coordinator.scan({ organizations: ['acme'] })
cache.close()
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
process.stdout.write(
  JSON.stringify({
    complete,
    repositories: ledger.length,
    findings: findings.length,
    requests: cost.requests,
    peakMegabytes: Math.round(maxRSS / 1_024),
    cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1e5) / 10,
  }),
)
