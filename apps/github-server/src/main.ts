import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseCommandLine, USAGE, type CommandLine } from './command-line.ts'
import { createFixtureOrganisation } from './fixture/fixture-organisation.ts'
import { startGitHubServer } from './github-server.ts'

try {
  const commandLine = parseCommandLine(process.argv.slice(2))
  if (commandLine.help) console.log(USAGE)
  else await serve(commandLine)
} catch (error) {
  console.error(`github-server: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function serve({ root, port, latencyMs, treeEntryLimit, graphql, ...limits }: CommandLine): Promise<void> {
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const folder = root ?? (await mkdtemp(join(tmpdir(), 'github-server-')))
  try {
    const { repositories, token } = await createFixtureOrganisation(folder)
    const tokens = [token]
    const options = { repositories, tokens, port, latencyMs, treeEntryLimit, graphql, limits }
    await using server = await startGitHubServer(options)
    const organisation = repositories.find(({ ownerType }) => ownerType === 'Organization')?.owner ?? ''
    console.log(`${server.url}  (organisation ${organisation}, ${repositories.length} repositories, token ${token})`)
    await stop
    const { requests, restPoints, graphqlPoints, bytes } = server.journal.summary()
    console.log(`${requests} requests, ${restPoints} REST points, ${graphqlPoints} GraphQL points, ${bytes} bytes`)
  } finally {
    if (root === undefined) await rm(folder, { recursive: true, force: true })
  }
}
