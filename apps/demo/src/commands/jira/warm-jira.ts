import { RequestBatcher } from '@x/batcher'
import { CacheError, EXIT_CODES, type ExitCode } from '@x/core'

import { type Invocation } from '../../cli/command.ts'
import { UsageError } from '../../cli/program-error.ts'
import { countText } from '../../output/count-text.ts'
import { FIELD_LIST_KEY } from './field-ids.ts'
import { type JiraConnection, type JiraConnectionOptions, withJira } from './jira-connection.ts'

export interface WarmOptions extends JiraConnectionOptions {
  readonly projects: boolean
  readonly fields: boolean
  readonly users: boolean
  readonly all: boolean
}

type Entry = readonly [key: string, value: unknown]

interface Part {
  readonly name: 'projects' | 'fields' | 'users'
  readonly category: string
  readonly endpoint: string
  readonly entriesOf: (data: unknown) => Entry[]
}

/** Jira Cloud REST API 3, 2026-11; each of these answers a list. */
const PARTS: readonly Part[] = [
  { name: 'projects', category: 'project', endpoint: '/rest/api/3/project', entriesOf: keyedBy('key') },
  {
    name: 'fields',
    category: 'field',
    endpoint: '/rest/api/3/field',
    entriesOf: (data) => [[FIELD_LIST_KEY, data], ...keyedBy('id')(data)],
  },
  {
    name: 'users',
    category: 'user',
    endpoint: '/rest/api/3/users/search?maxResults=1000',
    entriesOf: keyedBy('accountId'),
  },
]

/** Reads the parts in one batch. What cannot be read is named, and what was kept of it stays. */
export async function warmJira(options: WarmOptions, invocation: Invocation): Promise<ExitCode> {
  const parts = PARTS.filter(({ name }) => options.all || options[name])
  if (parts.length === 0) throw new UsageError('What is to be read? Give --projects, --fields, --users or --all.')
  return withJira(options, invocation, async (connection) => {
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
    if (!result.success) {
      failures.push(result.error)
      continue
    }
    const entries = part.entriesOf(result.data)
    await cache.setMany(entries, { category: part.category })
    counts.set(part.name, entries.filter(([key]) => key !== FIELD_LIST_KEY).length)
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

function keyedBy(property: string): (data: unknown) => Entry[] {
  return (data) => {
    if (!Array.isArray(data)) throw new CacheError('WARMING_FAILED', { message: 'The answer of Jira is no list.' })
    return (data as Readonly<Record<string, unknown>>[]).flatMap((item): Entry[] => {
      const key = item[property]
      return typeof key === 'string' ? [[key, item]] : []
    })
  }
}
