import { JiraError } from './jira-error.ts'

export type JqlOperator = '=' | '!=' | '~' | '!~' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not'

export interface JqlComparison {
  readonly kind: 'comparison'
  readonly field: string
  readonly operator: JqlOperator
  readonly values: readonly string[]
}

export type JqlCondition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly JqlCondition[] }
  | { readonly kind: 'not'; readonly part: JqlCondition }
  | JqlComparison

export interface JqlOrder {
  readonly field: string
  readonly descending: boolean
}

export interface JqlQuery {
  /** Absent where the query restricts nothing. */
  readonly condition: JqlCondition | undefined
  readonly order: readonly JqlOrder[]
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|<=|>=|[=~<>(),])|([^\s"'=~<>!(),]+(?:\(\))?))/y

interface Token {
  readonly text: string
  readonly quoted: boolean
}

/** @throws JiraError 400 that says where the query cannot be understood. */
export function parseJql(jql: string): JqlQuery {
  return new JqlParser(tokensOf(jql)).parse()
}

function tokensOf(jql: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (jql.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(jql)
    if (match === null) throw syntaxError(jql.slice(at).trim())
    const quoted = match[1] ?? match[2]
    tokens.push(
      quoted === undefined
        ? { text: match[3] ?? match[4] ?? '', quoted: false }
        : { text: quoted.replace(/\\(.)/g, '$1'), quoted: true },
    )
  }
  return tokens
}

class JqlParser {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): JqlQuery {
    const isBare = this.#tokens.length === 0 || this.#is('order')
    const condition = isBare ? undefined : this.#or()
    const order = this.#takes('order') ? this.#order() : []
    if (this.#next < this.#tokens.length) throw this.#unexpected()
    return { condition, order }
  }

  #or(): JqlCondition {
    const parts = [this.#and()]
    while (this.#takes('or')) parts.push(this.#and())
    return single('or', parts)
  }

  #and(): JqlCondition {
    const parts = [this.#unary()]
    while (this.#takes('and')) parts.push(this.#unary())
    return single('and', parts)
  }

  #unary(): JqlCondition {
    if (this.#takes('not')) return { kind: 'not', part: this.#unary() }
    if (!this.#takes('(')) return this.#comparison()
    const inside = this.#or()
    this.#expect(')')
    return inside
  }

  #comparison(): JqlCondition {
    const field = this.#word()
    const operator = this.#operator()
    if (operator !== 'in' && operator !== 'not in')
      return { kind: 'comparison', field, operator, values: [this.#word()] }
    this.#expect('(')
    const values = [this.#word()]
    while (this.#takes(',')) values.push(this.#word())
    this.#expect(')')
    return { kind: 'comparison', field, operator, values }
  }

  #operator(): JqlOperator {
    for (const symbol of ['=', '!=', '~', '!~', '<=', '>=', '<', '>'] as const) if (this.#takes(symbol)) return symbol
    if (this.#takes('in')) return 'in'
    if (this.#takes('is')) return this.#takes('not') ? 'is not' : 'is'
    this.#expect('not')
    this.#expect('in')
    return 'not in'
  }

  #order(): JqlOrder[] {
    this.#expect('by')
    const order: JqlOrder[] = []
    do {
      const field = this.#word()
      const descending = this.#takes('desc')
      if (!descending) this.#takes('asc')
      order.push({ field, descending })
    } while (this.#takes(','))
    return order
  }

  #word(): string {
    const token = this.#tokens[this.#next]
    if (token === undefined || (!token.quoted && /^[=~<>!(),]/.test(token.text))) throw this.#unexpected()
    this.#next += 1
    return token.text
  }

  #is(word: string): boolean {
    const token = this.#tokens[this.#next]
    return token !== undefined && !token.quoted && token.text.toLowerCase() === word
  }

  #takes(word: string): boolean {
    if (!this.#is(word)) return false
    this.#next += 1
    return true
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw this.#unexpected()
  }

  #unexpected(): JiraError {
    return syntaxError(this.#tokens[this.#next]?.text ?? 'the end')
  }
}

function single(kind: 'and' | 'or', parts: readonly JqlCondition[]): JqlCondition {
  const [first] = parts
  return parts.length === 1 && first !== undefined ? first : { kind, parts }
}

function syntaxError(at: string): JiraError {
  return new JiraError(400, `Error in the JQL Query: '${at.slice(0, 50)}' was not expected here.`)
}
