/** What happens instead of the answer, or before it. */
export type FaultAction =
  /** This answer; nothing is executed. Text as it is, anything else as JSON. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
    }
  /** The socket is destroyed with nothing sent. */
  | { readonly kind: 'cut' }
  /** The answer comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** No answer, ever; the request counts as in flight. */
  | { readonly kind: 'hang' }

/** Which requests a fault is for. What is absent restricts nothing; what is present must all hold. */
export interface FaultCondition {
  /** Tested against method, path and query: `GET /rest/api/3/issue/PAY-1?fields=summary`. */
  readonly request?: RegExp
  /** Tested against the request's body, as text. */
  readonly body?: RegExp
}

export interface Fault {
  readonly on: FaultCondition
  /** Matching requests let through first. @defaultValue 0 */
  readonly skip?: number
  /** Of the matching requests after those, each how many-th is affected. @defaultValue 1: every one */
  readonly every?: number
  /** How many are affected at most. @defaultValue Infinity */
  readonly times?: number
  readonly do: FaultAction
}

/** What a condition is tested against. */
export interface FaultSubject {
  readonly request: string
  readonly body: string
}

/** Jira's answer to a client that asks too much (Atlassian, "Rate limiting", 2026-11). */
export function rateLimited(retryAfter: number, reason = 'jira-burst-based'): FaultAction {
  return {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': String(retryAfter), 'ratelimit-reason': reason, 'x-ratelimit-remaining': '0' },
    body: { errorMessages: ['Rate limit exceeded.'], errors: {} },
  }
}

/** Decides which fault, if any, befalls a request: the first in the list that matches and is due. */
export class FaultSchedule {
  readonly #faults: readonly { readonly fault: Fault; matched: number; done: number }[]

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.map((fault) => ({ fault, matched: 0, done: 0 }))
  }

  /** Counts the request, and answers what befalls it. */
  next(subject: FaultSubject): FaultAction | undefined {
    for (const entry of this.#faults) {
      const { on, skip = 0, every = 1, times = Infinity } = entry.fault
      if (!matches(on, subject)) continue
      entry.matched += 1
      if (entry.matched <= skip || (entry.matched - skip) % every !== 0 || entry.done >= times) continue
      entry.done += 1
      return entry.fault.do
    }
    return undefined
  }
}

function matches({ request, body }: FaultCondition, subject: FaultSubject): boolean {
  // `search` ignores the position that a global expression remembers, `test` does not.
  return (
    (request === undefined || subject.request.search(request) >= 0) &&
    (body === undefined || subject.body.search(body) >= 0)
  )
}
