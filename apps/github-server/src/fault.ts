import { type Operation } from './operation.ts'

/** A GraphQL error as GitHub writes it. */
export interface GraphQLFault {
  readonly type?: string
  readonly message: string
  readonly path?: readonly (string | number)[]
}

/** What happens instead of, or to, the answer. */
export type FaultAction =
  /** This answer, at no cost, and nothing is executed. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** Text as it is, anything else as JSON. By default GitHub's JSON for the status. */
      readonly body?: unknown
    }
  /** The socket is destroyed: before anything is sent, or after so many bytes of the real answer's body. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** The answer is ready and sent so much later; meanwhile the request counts as in flight. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** No answer, ever; nothing is executed, but the request counts as in flight. */
  | { readonly kind: 'hang' }
  /** 200 with these errors, and the data that there is (`keep`) or none (`null`, the default). */
  | { readonly kind: 'graphqlErrors'; readonly errors: readonly GraphQLFault[]; readonly data?: 'null' | 'keep' }
  /** Partial data: every field whose name in the answer matches becomes `null`, with an error of its own. */
  | { readonly kind: 'nullAliases'; readonly pattern: RegExp; readonly type: string; readonly message: string }
  /** The answer lies: its body is what this function makes of it. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: Buffer) => Buffer }

/** Which requests a fault is for. What is absent restricts nothing; what is present must all hold. */
export interface FaultCondition {
  /** Tested against path and query. */
  readonly path?: RegExp
  readonly operation?: Operation
  /** The whole token. */
  readonly token?: string
  /** Tested against the request's body, as text. */
  readonly body?: RegExp
}

export interface Fault {
  readonly on: FaultCondition
  /** Matching requests let through first. @defaultValue 0 */
  readonly skip?: number
  /** Matching requests affected after those. @defaultValue Infinity */
  readonly times?: number
  readonly do: FaultAction
}

/** What a condition is tested against. */
export interface FaultSubject {
  readonly path: string
  readonly operation: Operation
  readonly token: string
  readonly body: string
}

/** Decides which fault, if any, befalls a request: the first in the list that matches and is due. */
export class FaultSchedule {
  readonly #due: { readonly fault: Fault; skip: number; times: number }[]

  constructor(faults: readonly Fault[]) {
    this.#due = faults.map((fault) => ({ fault, skip: fault.skip ?? 0, times: fault.times ?? Infinity }))
  }

  /** Counts the request, and answers what befalls it. */
  next(subject: FaultSubject): FaultAction | undefined {
    for (const entry of this.#due) {
      if (entry.times <= 0 || !matches(entry.fault.on, subject)) continue
      if (entry.skip > 0) {
        entry.skip -= 1
        continue
      }
      entry.times -= 1
      return entry.fault.do
    }
    return undefined
  }
}

function matches({ path, operation, token, body }: FaultCondition, subject: FaultSubject): boolean {
  // `search` ignores the position that a global expression remembers, `test` does not.
  return (
    (path === undefined || subject.path.search(path) >= 0) &&
    (operation === undefined || subject.operation === operation) &&
    (token === undefined || subject.token === token) &&
    (body === undefined || subject.body.search(body) >= 0)
  )
}
