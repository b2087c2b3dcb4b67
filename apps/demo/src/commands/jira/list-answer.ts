import { type HttpClient } from '@x/batcher'
import { UnreadableAnswerError } from '@x/core'

/** A list that Jira answers a GET with. */
export interface JiraList {
  /** In the plural. */
  readonly name: string
  readonly endpoint: string
  /** What each item has, as text; the first of them tells it from the others. */
  readonly properties: readonly [key: string, ...others: string[]]
  /** Whether every site has some. */
  readonly isNeverEmpty: boolean
}

export type JiraItem = Readonly<Record<string, unknown>>

/** Jira Cloud REST API 3, 2026-11. */
export const FIELD_LIST: JiraList = {
  name: 'fields',
  endpoint: '/rest/api/3/field',
  properties: ['id', 'name'],
  isNeverEmpty: true,
}

export function isJiraList({ properties, isNeverEmpty }: JiraList, data: unknown): data is readonly JiraItem[] {
  if (!Array.isArray(data) || (isNeverEmpty && data.length === 0)) return false
  return (data as (JiraItem | null)[]).every((item) =>
    properties.every((property) => typeof item?.[property] === 'string'),
  )
}

/** @throws UnreadableAnswerError naming what was asked. */
export function assertJiraList(
  list: JiraList,
  data: unknown,
  { baseUrl = '' }: HttpClient,
): asserts data is readonly JiraItem[] {
  if (isJiraList(list, data)) return
  const place = `${baseUrl.replace(/\/$/, '')}${list.endpoint}`
  throw new UnreadableAnswerError(`GET ${place}: 200, and the answer is no list of ${list.name}`)
}
