import { type BatchPlan } from '../batch/batch-plan.ts'

/** GraphQL queries at the same time: each costs GitHub more of the processor time that it limits than a REST request. */
export function queriesAtOnce({ requestsAtOnce }: BatchPlan): number {
  return Math.ceil(requestsAtOnce / 3)
}
