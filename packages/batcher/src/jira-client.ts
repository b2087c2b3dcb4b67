import { CacheError } from '@x/core'

import { createHttpClient, type HttpClientOptions } from './create-http-client.ts'
import type { HttpClient } from './http-client.ts'

/** How a Jira client sends. */
export interface JiraClientOptions extends Omit<HttpClientOptions, 'auth'> {
  /** The account whose API token it is. Absent: the token is sent as `Bearer`, as Data Center's personal access tokens are. */
  readonly email?: string | undefined
  /** An API token, or a personal access token. */
  readonly token: string
}

/** An issue, as Jira answers it. */
export interface JiraIssue {
  /** A number, as text. */
  readonly id: string
  /** Of today: of a moved issue not the one that was asked for. */
  readonly key: string
  /** Its address in the API. */
  readonly self?: string
  /** Those that were asked for. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * A client of one Jira site, for one account.
 *
 * @throws CacheError `INVALID_CONFIGURATION` when the token or the email is missing, or cannot be sent; TypeError for an
 * unusable base URL.
 */
export function createJiraClient({ email, token, ...options }: JiraClientOptions): HttpClient {
  if (token === '' || (token as string | undefined) === undefined) {
    throw new CacheError('INVALID_CONFIGURATION', { message: 'The Jira token is missing. Make one, and set it.' })
  }
  return createHttpClient({ ...options, auth: email === undefined ? { token } : { username: email, password: token } })
}
