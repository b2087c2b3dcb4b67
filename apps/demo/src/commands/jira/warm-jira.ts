import { type BatchResult, type HttpClient, RequestBatcher } from '@x/batcher'
import { CacheError, type CacheStore, EXIT_CODES, type ExitCode, isCacheError } from '@x/core'

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
  /** Of a list that comes in pages: how many Jira gives at once. */
  readonly pageSize?: number
}

/** Jira Cloud REST API 3, 2026-11. */
const PARTS: readonly Part[] = [
  { name: 'projects', category: 'project', endpoint: '/rest/api/3/project', properties: ['key'], isNeverEmpty: false },
  { ...FIELD_LIST, name: 'fields', category: 'field' },
  {
    name: 'users',
    category: 'user',
    endpoint: '/rest/api/3/users/search',
    pageSize: 1_000,
    properties: ['accountId'],
    isNeverEmpty: true,
  },
]

/** A part of which more is to come. */
interface OpenPart {
  readonly part: Part
  readonly items: readonly JiraItem[]
}

/** Reads the parts in one batch, and the pages that follow. What cannot be read is named, and what was kept of it stays. */
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
  const counts = new Map<string, number>()
  const failures: Error[] = []
  for (let open = parts.map((part): OpenPart => ({ part, items: [] })); open.length > 0;) {
    const byId = new Map(open.map((one) => [batcher.add('GET', one.part.endpoint, pageOf(one)), one]))
    const results = await batcher.execute({ signal: invocation.signal })
    open = []
    for (const [id, { part, items }] of byId) {
      try {
        const page = pageIn(results.get(id), { part, items }, client)
        const all = [...items, ...page]
        if (page.length === part.pageSize) open.push({ part, items: all })
        else counts.set(part.name, await keep(part, all, cache))
      } catch (error) {
        if (isCacheError(error)) throw error
        failures.push(error as Error)
      }
    }
  }
  invocation.signal.throwIfAborted()
  if (failures.length > 0) throw failureOf(failures, counts.size > 0)
  return counts
}

function pageOf({ part: { pageSize }, items }: OpenPart): object | undefined {
  return pageSize === undefined ? undefined : { startAt: items.length, maxResults: pageSize }
}

/** @throws why there is none. */
function pageIn(result: BatchResult | undefined, { part, items }: OpenPart, client: HttpClient): readonly JiraItem[] {
  if (result?.success !== true) throw result?.error ?? new Error(`${part.name} were not asked for.`)
  assertJiraList({ ...part, isNeverEmpty: part.isNeverEmpty && items.length === 0 }, result.data, client)
  const [key] = part.properties
  if (items[0] !== undefined && result.data[0]?.[key] === items[0][key])
    throw new Error(`Jira answers the same ${part.name} again and again: the list would never end.`)
  return result.data
}

/** Answers how many there are. */
async function keep(part: Part, items: readonly JiraItem[], cache: CacheStore): Promise<number> {
  const entries = items.map((item) => [String(item[part.properties[0]]), item] as const)
  const list = part.name === 'fields' ? [[FIELD_LIST_KEY, items] as const] : []
  await cache.setMany([...list, ...entries], { category: part.category })
  return items.length
}

/** Where nothing could be read the reason is the service's; else some of it is there. */
function failureOf(failures: readonly Error[], someIsThere: boolean): Error {
  const [failure, ...others] = failures
  if (failure !== undefined && !someIsThere && others.every(({ name }) => name === failure.name)) return failure
  return new CacheError('WARMING_FAILED', {
    message: `Not all could be read: ${failures.map(({ message }) => message).join('; ')}`,
    cause: failure,
  })
}
