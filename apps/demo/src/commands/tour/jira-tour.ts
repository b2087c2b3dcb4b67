import { join } from 'node:path'

import { batchFetchIssues, createJiraClient } from '@x/batcher'
import { JiraCache } from '@x/cache-sqlite'
import { createJiraSite, startJiraServer } from '@x/jira-server'
import { AsyncSharedCall } from '@x/shared-call'

import { type Invocation } from '../../cli/command.ts'
import { PROGRAM } from '../../cli/program.ts'
import { columnsText } from '../../output/columns-text.ts'

const ISSUES = 500
const READERS = 10

/** Reads issues of a server like Jira: by ten readers at once who share what is asked for, and again from the cache. */
export async function jiraTour(folder: string, { signal }: Invocation): Promise<void> {
  const site = createJiraSite()
  await using server = await startJiraServer({ site })
  using cache = new JiraCache({ path: join(folder, 'jira.sqlite') })
  const client = createJiraClient({ baseUrl: server.url, email: site.email, token: site.token })
  const keys = site.keys.slice(0, ISSUES)
  const calls = new AsyncSharedCall()
  const readAll = async (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: READERS }, () =>
        calls.call('report', () => batchFetchIssues(client, keys, { cache, signal })),
      ),
    )
  const requestsOf = async (read: () => Promise<unknown>): Promise<number> => {
    server.journal.clear()
    await read()
    return server.journal.summary().requests
  }
  const rows = [
    ['', 'requests'],
    ['issue by issue, each reader', READERS * ISSUES],
    [`${READERS} readers at once`, await requestsOf(readAll)],
    ['again', await requestsOf(readAll)],
  ]
  process.stdout.write(
    `\n${ISSUES} issues of a Jira-compatible server, for ${READERS} readers:\n\n${columnsText(rows)}\n`,
  )
  process.stdout.write(
    `Read your own: JIRA_URL=… JIRA_EMAIL=… JIRA_TOKEN=… ${PROGRAM} jira issues --jql "project = NAME"\n`,
  )
}
