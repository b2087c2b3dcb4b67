import { once } from 'node:events'

import { type CommandLine, parseCommandLine, USAGE } from './command-line.ts'
import { rateLimited } from './fault.ts'
import { startJiraServer } from './jira-server.ts'
import { createJiraSite } from './jira-site.ts'

try {
  const commandLine = parseCommandLine(process.argv.slice(2))
  if (commandLine.help) console.log(USAGE)
  else await serve(commandLine)
} catch (error) {
  console.error(`jira-server: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function serve({ port, seed, issues, latencyMs, limitEvery, bulkFetch }: CommandLine): Promise<void> {
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const site = createJiraSite({ seed, issues })
  const faults = limitEvery === 0 ? [] : [{ on: {}, every: limitEvery, do: rateLimited(1) }]
  await using server = await startJiraServer({ site, port, latencyMs, bulkFetch, faults })
  const projects = site.projects.map(({ key }) => key).join(', ')
  console.log(`${server.url}  (${issues} issues in ${projects}; user ${site.email}, token ${site.token})`)
  await stop
  const { requests, bytes } = server.journal.summary()
  console.log(`${requests} requests, ${bytes} bytes`)
}
