import { type Answer, jsonAnswer } from '../http/answer.ts'
import { type RestRequest } from './rest-request.ts'

/** `GET /rate_limit`, which costs nothing. */
export function rateLimitAnswer({ limiter, caller }: RestRequest): Answer {
  const core = limiter.status(caller, 'core')
  return jsonAnswer({ resources: { core, graphql: limiter.status(caller, 'graphql') }, rate: core })
}
