import { type FaultAction, type GraphQLFault } from '../fault.ts'
import { type Answer, errorAnswer, jsonAnswer, plainError } from './answer.ts'

/** The answer of a `status` fault. */
export function faultAnswer({ status, headers = {}, body }: Extract<FaultAction, { kind: 'status' }>): Answer {
  const plain = errorAnswer(plainError(status))
  if (body === undefined) return { ...plain, headers: { ...plain.headers, ...headers } }
  if (typeof body !== 'string') return { ...jsonAnswer(body, headers), status }
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: Buffer.from(body) }
}

/** What a fault makes of an answer that the server would have sent. */
export function afflicted(answer: Answer, fault: FaultAction): Answer {
  switch (fault.kind) {
    case 'rewrite':
      return { ...answer, body: fault.rewrite(answer.body) }
    case 'graphqlErrors':
      return withResult(answer, ({ data = null, errors = [] }) => ({
        data: fault.data === 'keep' ? data : null,
        errors: [...(fault.data === 'keep' ? errors : []), ...fault.errors],
      }))
    case 'nullAliases':
      return withResult(answer, ({ data = null, errors = [] }) => {
        const found: GraphQLFault[] = []
        const partial = nulled(data, { fault, path: [], found })
        return found.length === 0 ? { data, errors } : { data: partial, errors: [...errors, ...found] }
      })
    default:
      return answer
  }
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly unknown[]
}

function withResult(answer: Answer, change: (result: Result) => Result): Answer {
  const { data, errors = [] } = change(JSON.parse(answer.body.toString('utf8')) as Result)
  return { ...answer, body: Buffer.from(JSON.stringify({ data, ...(errors.length > 0 ? { errors } : {}) })) }
}

interface Nulling {
  readonly fault: Extract<FaultAction, { kind: 'nullAliases' }>
  readonly path: readonly (string | number)[]
  readonly found: GraphQLFault[]
}

function nulled(value: unknown, { fault, path, found }: Nulling): unknown {
  if (Array.isArray(value)) return value.map((item, index) => nulled(item, { fault, path: [...path, index], found }))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, field]) => {
    const here = [...path, name]
    if (name.search(fault.pattern) < 0) return [name, nulled(field, { fault, path: here, found })]
    found.push({ type: fault.type, path: here, message: fault.message })
    return [name, null]
  })
  return Object.fromEntries(entries)
}
