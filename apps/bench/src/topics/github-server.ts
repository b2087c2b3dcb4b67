import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'

import { type ServerCost } from './server-cost.ts'

const [repositories = '0', latencyMs = '0'] = process.argv.slice(2)

// The minute's limits are lifted: a peer that does not keep to them would only be refused.
const limits = {
  restPerHour: Infinity,
  restPointsPerMinute: Infinity,
  graphqlPointsPerMinute: Infinity,
  processorMsPerMinute: Infinity,
  graphqlProcessorMsPerMinute: Infinity,
}
const organisation = new SyntheticOrganisation({ repositories: Number(repositories) })
const server = await startGitHubServer({ repositories: organisation.records, latencyMs: Number(latencyMs), limits })

// Nobody's time is that of making up what the server has.
for (const { objects } of organisation.records) objects?.()
await fetch(`${server.url}/graphql`, { method: 'POST', body: JSON.stringify({ query: '{ rateLimit { cost } }' }) })
server.journal.clear()

process.on('message', () => {
  const { requests, restPoints, graphqlPoints } = server.journal.summary()
  server.journal.clear()
  process.send?.({ requests, restPoints, graphqlPoints } satisfies ServerCost)
})
process.on('disconnect', () => process.exit())
process.send?.({ url: server.url, bad: organisation.bad })
