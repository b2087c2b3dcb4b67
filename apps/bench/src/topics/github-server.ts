import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'

/** What the server was asked since it was last told to forget. */
export interface ServerCost {
  readonly requests: number
  readonly restPoints: number
  readonly graphqlPoints: number
}

const [repositories = '0', latencyMs = '0'] = process.argv.slice(2)

// The minute's limits are lifted: a peer that does not keep to them would only be refused.
const limits = { restPerHour: Infinity, restPointsPerMinute: Infinity, graphqlPointsPerMinute: Infinity }
const organisation = new SyntheticOrganisation({ repositories: Number(repositories) })
const server = await startGitHubServer({ repositories: organisation.records, latencyMs: Number(latencyMs), limits })

// Nobody's time is that of making up what the server has.
for (const { objects } of organisation.records) objects?.()

process.on('message', () => {
  const { requests, restPoints, graphqlPoints } = server.journal.summary()
  server.journal.clear()
  process.send?.({ requests, restPoints, graphqlPoints } satisfies ServerCost)
})
process.on('disconnect', () => process.exit())
process.send?.({ url: server.url, bad: organisation.bad })
