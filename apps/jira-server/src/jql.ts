import { type JqlComparison, type JqlCondition, type JqlOrder, parseJql } from './jql-parser.ts'
import { JiraError } from './jira-error.ts'
import type { JiraSite, StoredIssue } from './jira-site.ts'

/** The words by which an issue can be found, or put in order, by field. */
const FIELDS: Readonly<Record<string, (issue: StoredIssue) => readonly string[]>> = {
  project: ({ project: { id, key, name } }) => [key, name, id],
  key: ({ key, id, formerKeys }) => [key, String(id), ...formerKeys],
  summary: ({ fields }) => [String(fields['summary'])],
  description: ({ fields }) => [JSON.stringify(fields['description'])],
  text: ({ fields }) => [String(fields['summary']), JSON.stringify(fields['description'])],
  status: ({ fields }) => namesOf(fields['status']),
  statuscategory: ({ fields }) => [categoryOf(fields['status'])],
  priority: ({ fields }) => namesOf(fields['priority']),
  issuetype: ({ fields }) => namesOf(fields['issuetype']),
  resolution: ({ fields }) => namesOf(fields['resolution']),
  labels: ({ fields }) => fields['labels'] as readonly string[],
  assignee: ({ fields }) => peopleOf(fields['assignee']),
  reporter: ({ fields }) => peopleOf(fields['reporter']),
  created: ({ fields }) => [String(fields['created'])],
  updated: ({ fields }) => [String(fields['updated'])],
}
const ALIASES: Readonly<Record<string, string>> = { issue: 'key', issuekey: 'key', id: 'key', type: 'issuetype' }
const DATES: ReadonlySet<string> = new Set(['created', 'updated'])
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * The visible issues that a query finds, in its order; where it names none, the newest first.
 *
 * @throws JiraError 400 for a query that cannot be understood, or that restricts nothing.
 */
export function searchByJql(site: JiraSite, jql: string): StoredIssue[] {
  const { condition, order } = parseJql(jql)
  if (condition === undefined) {
    throw new JiraError(
      400,
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    )
  }
  const found = site.issues.filter((issue) => !issue.hidden && holds(condition, issue, site))
  return found.sort((a, b) => compareBy(order, a, b))
}

function holds(condition: JqlCondition, issue: StoredIssue, site: JiraSite): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(part, issue, site))
    case 'or':
      return condition.parts.some((part) => holds(part, issue, site))
    case 'not':
      return !holds(condition.part, issue, site)
    case 'comparison':
      return compares(condition, issue, site)
  }
}

function compares({ field, operator, values }: JqlComparison, issue: StoredIssue, site: JiraSite): boolean {
  const name = fieldNamed(field)
  const own = FIELDS[name]?.(issue) ?? []
  const wanted = values.map((value) => valueOf(value, name, site))
  switch (operator) {
    case '=':
    case 'in':
    case 'is':
      return wanted.some((value) => (value === '' ? own.length === 0 : own.some((word) => same(word, value))))
    case '!=':
    case 'not in':
    case 'is not':
      // As in Jira: an empty field is not found by what it is not.
      return own.length > 0 && !wanted.some((value) => own.some((word) => same(word, value)))
    case '~':
    case '!~':
      return wanted.every((value) => own.some((word) => contains(word, value))) === (operator === '~')
    default:
      return own.some((word) => wanted.every((value) => inOrder(compareValues(word, value), operator)))
  }
}

function inOrder(sign: number, operator: string): boolean {
  if (sign === 0) return operator === '<=' || operator === '>='
  return sign < 0 ? operator.startsWith('<') : operator.startsWith('>')
}

function fieldNamed(field: string): string {
  const name = ALIASES[field.toLowerCase()] ?? field.toLowerCase()
  if (Object.hasOwn(FIELDS, name)) return name
  throw new JiraError(400, `Field '${field}' does not exist or you do not have permission to view it.`)
}

/** Empty text stands for `EMPTY`. */
function valueOf(value: string, field: string, site: JiraSite): string {
  if (/^(empty|null)$/i.test(value)) return ''
  if (/^currentUser\(\)$/i.test(value)) return site.email
  if (!DATES.has(field)) return value
  const [, amount, unit = ''] = /^([+-]?\d+)([mhdw])$/.exec(value) ?? []
  const time =
    amount === undefined
      ? Date.parse(`${value.replaceAll('/', '-').replace(' ', 'T')}Z`)
      : site.now + Number(amount) * (UNITS[unit] ?? 0)
  const date = new Date(amount === undefined && Number.isNaN(time) ? Date.parse(value) : time)
  if (Number.isNaN(date.getTime())) throw new JiraError(400, `Date value '${value}' for field '${field}' is invalid.`)
  return date.toISOString()
}

function same(word: string, value: string): boolean {
  return word.toLowerCase() === value.toLowerCase()
}

function contains(text: string, words: string): boolean {
  const lower = text.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word.replaceAll('*', '')))
}

function compareBy(order: readonly JqlOrder[], a: StoredIssue, b: StoredIssue): number {
  for (const { field, descending } of order) {
    const name = fieldNamed(field)
    const sign = compareValues(FIELDS[name]?.(a)[0] ?? '', FIELDS[name]?.(b)[0] ?? '')
    if (sign !== 0) return descending ? -sign : sign
  }
  return order.length === 0 ? b.id - a.id : a.id - b.id
}

/** Numbers inside of words count as numbers: PAY-9 comes before PAY-10. */
function compareValues(a: string, b: string): number {
  const [first, second] = [Date.parse(a), Date.parse(b)]
  const dates = /^\d{4}-/.test(a) && /^\d{4}-/.test(b)
  return Math.sign(dates ? first - second : a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' }))
}

function namesOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return []
  const { name, id } = value as { name: string; id: string }
  return [name, id]
}

function categoryOf(status: unknown): string {
  const { key } = (status as { statusCategory: { key: string } }).statusCategory
  return { new: 'To Do', indeterminate: 'In Progress', done: 'Done' }[key] ?? key
}

function peopleOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return []
  const { accountId, displayName, emailAddress } = value as Record<string, string>
  return [displayName ?? '', emailAddress ?? '', accountId ?? '']
}
