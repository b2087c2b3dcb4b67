import { EXIT_CODES, type ExitCode } from '@x/core'
import { createJiraSite, startJiraServer } from '@x/jira-server'

import { type Invocation } from '../../cli/command.ts'
import { countText } from '../../output/count-text.ts'
import { environmentText, type ServeOptions } from './environment-text.ts'
import { onPort } from './on-port.ts'
import { untilStopped } from './until-stopped.ts'

/** Prints what to set to reach the server, and serves until it is stopped. */
export async function serveJira({ port, json }: ServeOptions, { log, signal }: Invocation): Promise<ExitCode> {
  const site = createJiraSite()
  await using server = await onPort(port, () => startJiraServer({ site, port }))
  const variables = { JIRA_URL: server.url, JIRA_EMAIL: site.email, JIRA_TOKEN: site.token }
  process.stdout.write(environmentText(variables, json))
  const projects = site.projects.map(({ key }) => key).join(', ')
  log.note(`${site.keys.length} issues of the projects ${projects}. Ctrl-C stops the server.`)
  await untilStopped(signal)
  log.note(countText(server.journal.summary().requests, 'request'))
  return EXIT_CODES.success
}
