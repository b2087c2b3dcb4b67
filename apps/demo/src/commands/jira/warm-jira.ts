import { RequestBatcher } from '@x/batcher'
import { CacheError, EXIT_CODES, type ExitCode } from '@x/core'

import { type Invocation } from '../../cli/command.ts'
import { UsageError } from '../../cli/program-error.ts'
import { countText } from '../../output/count-text.ts'
import { FIELD_LIST_KEY } from './field-ids.ts'
import { type JiraConnection, type JiraConnectionOptions, withJira } from './jira-connection.ts'
import { assertJiraList, FIELD_LIST, type JiraItem, type JiraList } from './list-answer.ts'

export interface WarmOptions extends JiraConnectionOptions {
  readonly projects: boolean
  readonly fields: boolean
  readonly users: boolean
  readonly all: boolean
}

interface Part extends JiraList {
  readonly name: 'projects' | 'fields' | 'users'
  readonly category: string
}

/** Jira Cloud REST API 3, 2026-11. */
const PARTS: readonly Part[] = [
  { name: 'projects', category: 'project', endpoint: '/rest/api/3/project', properties: ['key'], isNeverEmpty: false },
  { ...FIELD_LIST, name: 'fields', category: 'field' },
  {
    name: 'users',
    category: 'user',
    endpoint: '/rest/api/3/users/search?maxResults=1000',
    properties: ['accountId'],
    isNeverEmpty: true,
  },
]

/** Reads the parts in one batch. What cannot be read is named, and what was kept of it stays. */
export async function warmJira(options: WarmOptions, invocation: Invocation): Promise<ExitCode> {
  const parts = PARTS.filter(({ name }) => options.all || options[name])
  if (parts.length === 0) throw new UsageError('What is to be read? Give --projects, --fields, --users or --all.')
  if (options.cache === ':memory:') throw new UsageError('Nothing stays in :memory: give --cache a file or a Redis.')
  return withJira({ ...options, mustKeep: true }, invocation, async (connection) => {
    const counts = await warm(parts, connection, { options, invocation })
    for (const [name, count] of counts) invocation.log.note(`${count} ${name} are in the cache.`)
    invocation.log.note(`${countText(connection.requests(), 'request')}.`)
    return EXIT_CODES.success
  })
}

async function warm(
  parts: readonly Part[],
  { client, cache }: JiraConnection,
  { options, invocation }: { options: WarmOptions; invocation: Invocation },
): Promise<Map<string, number>> {
  const batcher = new RequestBatcher(client, { maxConcurrent: options.maxConcurrent })
  const byId = new Map(parts.map((part) => [batcher.add('GET', part.endpoint), part]))
  const counts = new Map<string, number>()
  const failures: Error[] = []
  for (const [id, result] of await batcher.execute({ signal: invocation.signal })) {
    const part = byId.get(id)
    if (part === undefined) continue
    try {
      if (!result.success) throw result.error
      assertJiraList(part, result.data, client)
    } catch (error) {
      failures.push(error as Error)
      continue
    }
    await cache.setMany(entriesOf(part, result.data), { category: part.category })
    counts.set(part.name, result.data.length)
  }
  invocation.signal.throwIfAborted()
  const [failure, ...others] = failures
  if (failure === undefined) return counts
  // Where nothing could be read the reason is the service's; else some of it is there.
  if (counts.size === 0 && others.every(({ name }) => name === failure.name)) throw failure
  throw new CacheError('WARMING_FAILED', {
    message: `Not all could be read: ${failures.map(({ message }) => message).join('; ')}`,
    cause: failure,
  })
}

function entriesOf(part: Part, items: readonly JiraItem[]): (readonly [key: string, value: unknown])[] {
  const entries = items.map((item) => [String(item[part.properties[0]]), item] as const)
  return part.name === 'fields' ? [[FIELD_LIST_KEY, items], ...entries] : entries
}
