import { BatchProcessingError } from '@x/core'

import type { BatchSuccess } from './batch-result.ts'
import type { HttpClient } from './http-client.ts'
import type { JiraIssue } from './jira-client.ts'
import { notJira } from './not-jira.ts'
import { positiveInteger } from './option-bounds.ts'
import { RequestBatcher } from './request-batcher.ts'

/** How a search goes. */
export interface SearchIssuesOptions {
  /**
   * The fields of each issue; Jira gives no others.
   *
   * @defaultValue `["*navigable"]`
   */
  readonly fields?: readonly string[] | undefined
  /**
   * Issues in one request: a positive integer. Jira may give fewer.
   *
   * @defaultValue 100
   */
  readonly pageSize?: number | undefined
  /** Aborted: the search throws the signal's reason, and gives no further issue. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The issues that a JQL query finds, page after page, in its order: Jira names the next page only in the one before. No
 * page is asked for before the last issue of the former was taken.
 *
 * @throws HttpStatusError for a query that Jira refuses; UnreadableAnswerError for an answer without a list of issues;
 * NetworkError, RateLimitError; the signal's reason; RangeError at once for a page size out of its bounds.
 */
export function searchIssues(
  client: HttpClient,
  jql: string,
  { fields = ['*navigable'], pageSize = 100, signal }: SearchIssuesOptions = {},
): AsyncGenerator<JiraIssue, void, undefined> {
  const maxResults = positiveInteger('pageSize', pageSize)
  return pages(client, { jql, fields, maxResults }, signal)
}

interface SearchPage {
  readonly issues: readonly JiraIssue[]
  readonly nextPageToken?: string
}

async function* pages(
  client: HttpClient,
  query: object,
  signal: AbortSignal | undefined,
): AsyncGenerator<JiraIssue, void, undefined> {
  // A search is a read, whatever its method.
  const batcher = new RequestBatcher(client, { maxConcurrent: 1, retry: { methods: ['POST'] } })
  let token: string | undefined
  do {
    const result = await readPage(batcher, { ...query, nextPageToken: token }, signal)
    if (!isPage(result.data)) throw notJira(client, result)
    const { issues, nextPageToken } = result.data
    for (const issue of issues) {
      yield issue
      signal?.throwIfAborted()
    }
    if (token !== undefined && nextPageToken === token) {
      throw new BatchProcessingError('Jira named the same page twice as the next one: the search would never end.')
    }
    token = nextPageToken
  } while (token !== undefined)
}

async function readPage(
  batcher: RequestBatcher,
  query: object,
  signal: AbortSignal | undefined,
): Promise<BatchSuccess> {
  const id = batcher.add('POST', '/rest/api/3/search/jql', query)
  const result = (await batcher.execute({ signal })).get(id)
  signal?.throwIfAborted()
  if (result?.success === true) return result
  throw result?.error ?? new BatchProcessingError('The search was not sent.')
}

function isPage(data: unknown): data is SearchPage {
  return Array.isArray((data as Partial<SearchPage> | null | undefined)?.issues)
}
