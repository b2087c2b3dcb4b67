import { SeededRandom } from './seeded-random.ts'

export interface JiraUser {
  readonly accountId: string
  readonly displayName: string
  readonly emailAddress: string
  readonly active: boolean
}

export interface JiraProject {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly lead: JiraUser
}

/** One issue as the site keeps it. */
export interface StoredIssue {
  /** Grows with each issue created, in whatever project. */
  readonly id: number
  readonly key: string
  readonly project: JiraProject
  /** Keys that it had before it was moved; they still lead to it. */
  readonly formerKeys: readonly string[]
  /** Nobody who asks here may see it: for them it does not exist. */
  readonly hidden: boolean
  fields: Readonly<Record<string, unknown>>
}

/** Who may ask, and what there is. */
export interface JiraSite {
  readonly email: string
  readonly token: string
  readonly users: readonly JiraUser[]
  readonly projects: readonly JiraProject[]
  readonly issues: readonly StoredIssue[]
  /** The keys that can be read, in the order of their projects and numbers. */
  readonly keys: readonly string[]
  /** From the former keys of moved issues to those of today. */
  readonly movedKeys: ReadonlyMap<string, string>
  /** Keys of issues that exist and may not be seen. */
  readonly hiddenKeys: readonly string[]
  /** When the site was made: its last update, in milliseconds since the Unix epoch. */
  readonly now: number
}

export interface JiraSiteOptions {
  /** The same seed makes the same site. @defaultValue 1 */
  readonly seed?: number
  /** How many there are, hidden ones included. @defaultValue 1,000 */
  readonly issues?: number
}

const PROJECTS = [
  ['PAY', 'Payments'],
  ['WEB', 'Web shop'],
  ['OPS', 'Operations'],
  ['MOB', 'Mobile app'],
] as const
const PEOPLE = ['Ada Moreau', 'Bo Lindqvist', 'Chidi Okafor', 'Dana Levi', 'Emi Tanaka', 'Farid Aziz'] as const
const STATUSES = [
  ['To Do', 'new'],
  ['In Progress', 'indeterminate'],
  ['In Review', 'indeterminate'],
  ['Done', 'done'],
] as const
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'] as const
const TYPES = ['Bug', 'Story', 'Task'] as const
const LABELS = ['backend', 'frontend', 'customer', 'security', 'flaky', 'quick-win'] as const
const SUBJECTS = ['Checkout', 'Login', 'Invoice export', 'Search', 'Push notification', 'Nightly report'] as const
const VERBS = ['fails on', 'is slow on', 'needs a test for', 'shows a wrong total on', 'should support'] as const
const OBJECTS = ['Safari', 'large baskets', 'expired cards', 'the first of the month', 'time zones'] as const
const EPOCH = Date.UTC(2026, 10, 25, 12)
const DAY_MS = 86_400_000
/** Every so many issues one is hidden, and one was moved. */
const HIDDEN_EVERY = 97
const MOVED_EVERY = 50

/** Makes a site of projects, people and issues. */
export function createJiraSite({ seed = 1, issues: count = 1_000 }: JiraSiteOptions = {}): JiraSite {
  const random = new SeededRandom(seed)
  const users = PEOPLE.map((displayName, index) => userOf(displayName, index))
  const projects = PROJECTS.map(([key, name], index): JiraProject => {
    const lead = users[index] ?? userOf(PEOPLE[0], 0)
    return { id: String(10_000 + index), key, name, lead }
  })
  const numbers = new Map<string, number>()
  const issues: StoredIssue[] = []
  for (let index = 0; index < count; index += 1) {
    const project = random.pick(projects)
    const number = (numbers.get(project.key) ?? 0) + 1
    numbers.set(project.key, number)
    issues.push({
      id: 20_001 + index,
      key: `${project.key}-${number}`,
      project,
      formerKeys: index % MOVED_EVERY === MOVED_EVERY - 1 ? [`OLD-${index + 1}`] : [],
      hidden: index % HIDDEN_EVERY === HIDDEN_EVERY - 1,
      fields: fieldsOf(random, { project, users, age: count - index }),
    })
  }
  const visible = issues.filter(({ hidden }) => !hidden)
  return {
    email: 'ada.moreau@example.com',
    token: 'jira-fixture-token',
    users,
    projects,
    issues,
    keys: projects.flatMap(({ key }) => visible.filter(({ project }) => project.key === key).map((issue) => issue.key)),
    movedKeys: new Map(visible.flatMap(({ key, formerKeys }) => formerKeys.map((former) => [former, key] as const))),
    hiddenKeys: issues.filter(({ hidden }) => hidden).map(({ key }) => key),
    now: EPOCH,
  }
}

function userOf(displayName: string, index: number): JiraUser {
  return {
    accountId: `5f00000000000000000000${String(index).padStart(2, '0')}`,
    displayName,
    emailAddress: `${displayName.toLowerCase().replace(' ', '.')}@example.com`,
    active: true,
  }
}

interface FieldsContext {
  readonly project: JiraProject
  readonly users: readonly JiraUser[]
  /** Issues that were created later. */
  readonly age: number
}

function fieldsOf(random: SeededRandom, { project, users, age }: FieldsContext): Record<string, unknown> {
  const [status, category] = random.pick(STATUSES)
  const subject = random.pick(SUBJECTS)
  const summary = `${subject} ${random.pick(VERBS)} ${random.pick(OBJECTS)}`
  const created = EPOCH - age * 0.3 * DAY_MS
  const updated = created + random.next() * (EPOCH - created)
  const { id, key, name } = project
  return {
    summary,
    description: document(`${summary}. Seen by ${random.below(40) + 1} customers, reported through support.`),
    status: {
      id: String(STATUSES.findIndex(([other]) => other === status) + 1),
      name: status,
      statusCategory: { key: category },
    },
    priority: named(PRIORITIES, random.pick(PRIORITIES)),
    issuetype: named(TYPES, random.pick(TYPES)),
    project: { id, key, name },
    labels: LABELS.filter(() => random.next() < 0.2),
    assignee: random.next() < 0.25 ? null : random.pick(users),
    reporter: random.pick(users),
    resolution: category === 'done' ? { id: '1', name: 'Done' } : null,
    created: dateOf(created),
    updated: dateOf(updated),
    comment: { total: random.below(5), comments: [] },
  }
}

function named(all: readonly string[], name: string): { id: string; name: string } {
  return { id: String(all.indexOf(name) + 1), name }
}

/** Atlassian Document Format. */
function document(text: string): unknown {
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] }
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000')
}
