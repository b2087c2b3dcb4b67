import { UnreadableAnswerError } from '@x/core'

import type { BatchResult } from './batch-result.ts'
import type { HttpClient } from './http-client.ts'

/** Why an answer that came is none of Jira. */
export function notJira(
  { baseUrl = '' }: HttpClient,
  { method, endpoint, status = 0 }: BatchResult,
): UnreadableAnswerError {
  const place = `${method} ${baseUrl.replace(/\/$/, '')}${endpoint}`
  return new UnreadableAnswerError(`${place}: ${status}, and the answer is not one of Jira`)
}
