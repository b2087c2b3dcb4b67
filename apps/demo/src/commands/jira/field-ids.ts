import { encodeKey } from '@x/core'
import { readThrough } from '@x/shared-call'

import { closest } from '../../cli/closest.ts'
import { UsageError } from '../../cli/program-error.ts'
import { type JiraConnection } from './jira-connection.ts'
import { assertJiraList, FIELD_LIST, isJiraList } from './list-answer.ts'

interface JiraField {
  readonly id: string
  readonly name: string
}

const FIELD = { category: 'field' } as const

/** Where the list of all fields is kept. */
export const FIELD_LIST_KEY: string = encodeKey('fields')

/** The ids of fields that are given by id or by name. Only names cost a request, and that once a day unless `fresh`. */
export async function fieldIds(
  names: readonly string[],
  { client, cache }: JiraConnection,
  { fresh, signal }: { readonly fresh: boolean; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (names.every(looksLikeId)) return names
  const kept = await cache.get(FIELD_LIST_KEY, FIELD)
  // Only what is there: to delete throws where Redis is gone.
  if (kept !== undefined && (fresh || !isJiraList(FIELD_LIST, kept))) await cache.delete(FIELD_LIST_KEY, FIELD)
  const fields = await readThrough(cache, FIELD_LIST_KEY, () => listFields({ client }, signal), { ...FIELD, signal })
  return names.map((name) => {
    const known = fields.find((field) => field.id === name || field.name.toLowerCase() === name.toLowerCase())
    if (known !== undefined) return known.id
    if (looksLikeId(name)) return name
    const meant = closest(
      name,
      fields.map((field) => field.name),
    )
    throw new UsageError(
      `Jira has no field ${JSON.stringify(name)}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
    )
  })
}

async function listFields({ client }: Pick<JiraConnection, 'client'>, signal: AbortSignal): Promise<JiraField[]> {
  const { data } = await client.request({ method: 'GET', endpoint: FIELD_LIST.endpoint, signal })
  assertJiraList(FIELD_LIST, data, client)
  return data as unknown as JiraField[]
}

/** As Jira writes ids; a name begins with a capital or has a space. */
function looksLikeId(name: string): boolean {
  return /^(\*all|\*navigable|-?[a-z]\w*)$/.test(name)
}
