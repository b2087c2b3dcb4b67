import { issueAnswer } from './issue-answer.ts'
import { JiraError } from './jira-error.ts'
import type { JiraProject, JiraSite, StoredIssue } from './jira-site.ts'
import { searchByJql } from './jql.ts'

const BULK_LIMIT = 100
/** With fields besides id and key a page is shorter than what was asked for: clients must not count on its length. */
const LARGEST_PAGE = 100
const LARGEST_BARE_PAGE = 5_000
const DEFAULT_PAGE = 50
const MOST_USERS = 1_000
const NO_ISSUE = 'Issue does not exist or you do not have permission to see it.'

/** One request to the API, below `/rest/api/3`. */
export interface JiraRequest {
  readonly method: string
  /** Decoded segments of the path: `['issue', 'PAY-1']`. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  /** The body's JSON; an empty object where there is none. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface JiraApiOptions {
  readonly site: JiraSite
  /** false: there is no bulkfetch, as in Jira Data Center. */
  readonly bulkFetch: boolean
  /** Keys that bulkfetch answers as errors although they can be read singly. */
  readonly bulkFetchErrors: readonly string[]
}

/** Answers the API over one site. An answer of `undefined` is 204. */
export class JiraApi {
  /** Of the server; known once it listens. */
  serverUrl = ''
  readonly #options: JiraApiOptions
  readonly #issues = new Map<string, StoredIssue>()

  constructor(options: JiraApiOptions) {
    this.#options = options
    for (const issue of options.site.issues) {
      if (issue.hidden) continue
      for (const name of [issue.key, String(issue.id), ...issue.formerKeys]) this.#issues.set(name.toUpperCase(), issue)
    }
  }

  /** @throws JiraError for what is refused. */
  answer(request: JiraRequest): unknown {
    const { method, path } = request
    const routes: readonly (readonly [pattern: string, answer: () => unknown])[] = [
      ...(this.#options.bulkFetch ? [['POST issue/bulkfetch', (): unknown => this.#bulkFetch(request)] as const] : []),
      ['GET issue/*', () => this.#readIssue(request)],
      ['PUT issue/*', () => this.#editIssue(request)],
      ['GET search/jql', () => this.#search(request)],
      ['POST search/jql', () => this.#search(request)],
      ['GET project', () => this.#options.site.projects.map((project) => this.#projectAnswer(project))],
      ['GET project/search', () => this.#listProjects(request)],
      ['GET project/*', () => this.#readProject(path[1] ?? '')],
      ['GET field', () => this.#listFields()],
      ['GET myself', () => this.#options.site.users[0]],
      ['GET user', () => this.#readUser(request.query.get('accountId'))],
      ['GET users/search', () => this.#listUsers(request)],
    ]
    const exact = `${method} ${path.join('/')}`
    const open = path.length === 2 ? `${method} ${path[0] ?? ''}/*` : exact
    const route = routes.find(([pattern]) => pattern === exact) ?? routes.find(([pattern]) => pattern === open)
    if (route === undefined) throw new JiraError(404, `There is no ${exact} here.`)
    return route[1]()
  }

  /** In ascending order of ids, each issue once; what is missing or hidden is left out without a word. */
  #bulkFetch({ body }: JiraRequest): unknown {
    const keys = stringsIn(body, 'issueIdsOrKeys')
    if (keys.length === 0) throw new JiraError(400, 'issueIdsOrKeys must not be empty.')
    if (keys.length > BULK_LIMIT) throw new JiraError(400, `You cannot request more than ${BULK_LIMIT} issues.`)
    const found = new Set(keys.flatMap((key) => this.#issues.get(key.toUpperCase()) ?? []))
    const failing = [...found].filter(({ key }) => this.#options.bulkFetchErrors.includes(key))
    const fields = body['fields'] === undefined ? ['*navigable'] : stringsIn(body, 'fields')
    return {
      issueErrors: failing.map(({ id }) => ({
        id: String(id),
        errorMessage: 'The issue could not be returned. Try again.',
      })),
      issues: [...found]
        .filter((issue) => !failing.includes(issue))
        .sort((a, b) => a.id - b.id)
        .map((issue) => issueAnswer(issue, fields, this.serverUrl)),
    }
  }

  #readIssue({ path, query }: JiraRequest): unknown {
    const fields = query.getAll('fields').flatMap((list) => list.split(','))
    return issueAnswer(this.#find(path[1]), fields.length === 0 ? ['*all'] : fields, this.serverUrl)
  }

  #editIssue({ path, body }: JiraRequest): unknown {
    const issue = this.#find(path[1])
    const { fields } = body
    if (typeof fields !== 'object' || fields === null) throw new JiraError(400, "one of 'fields' or 'update' required")
    for (const name of Object.keys(fields)) {
      if (!Object.hasOwn(issue.fields, name)) throw new JiraError(400, `Field '${name}' cannot be set. It is unknown.`)
    }
    issue.fields = { ...issue.fields, ...fields }
    return undefined
  }

  #search({ method, query, body }: JiraRequest): unknown {
    const asked = method === 'GET' ? queryOfSearch(query) : body
    const jql = typeof asked['jql'] === 'string' ? asked['jql'] : ''
    const fields = asked['fields'] === undefined ? ['id'] : stringsIn(asked, 'fields')
    const bare = fields.every((name) => name === 'id' || name === 'key')
    const wanted = Number(asked['maxResults'] ?? DEFAULT_PAGE)
    if (!(wanted >= 1)) throw new JiraError(400, 'maxResults must be at least 1.')
    const size = Math.min(Math.floor(wanted), bare ? LARGEST_BARE_PAGE : LARGEST_PAGE)
    const found = searchByJql(this.#options.site, jql)
    const start = readPageToken(asked['nextPageToken'], jql)
    const end = start + size
    const issues = found.slice(start, end).map((issue) => {
      const answer = issueAnswer(issue, fields, this.serverUrl)
      return bare && !fields.includes('key') ? { id: answer['id'] } : answer
    })
    const isLast = end >= found.length
    return { issues, isLast, ...(isLast ? {} : { nextPageToken: pageToken(end, jql) }) }
  }

  #listProjects({ query }: JiraRequest): unknown {
    const { projects } = this.#options.site
    const startAt = Number(query.get('startAt') ?? 0)
    const maxResults = Math.min(Number(query.get('maxResults') ?? DEFAULT_PAGE), LARGEST_PAGE)
    const values = projects.slice(startAt, startAt + maxResults).map((project) => this.#projectAnswer(project))
    return { startAt, maxResults, total: projects.length, isLast: startAt + maxResults >= projects.length, values }
  }

  #readProject(name: string): unknown {
    const project = this.#options.site.projects.find(({ key, id }) => key === name.toUpperCase() || id === name)
    if (project === undefined) throw new JiraError(404, `No project could be found with key '${name}'.`)
    return this.#projectAnswer(project)
  }

  #projectAnswer(project: JiraProject): unknown {
    return { ...project, self: `${this.serverUrl}/rest/api/3/project/${project.id}`, projectTypeKey: 'software' }
  }

  #listFields(): unknown {
    const names = Object.keys(this.#options.site.issues[0]?.fields ?? {})
    return names.map((id) => ({ id, key: id, name: id.replace(/^./, (letter) => letter.toUpperCase()), custom: false }))
  }

  #listUsers({ query }: JiraRequest): unknown {
    const startAt = Number(query.get('startAt') ?? 0)
    const maxResults = Math.min(Number(query.get('maxResults') ?? DEFAULT_PAGE), MOST_USERS)
    return this.#options.site.users.slice(startAt, startAt + maxResults)
  }

  #readUser(accountId: string | null): unknown {
    const user = this.#options.site.users.find((candidate) => candidate.accountId === accountId)
    if (user === undefined)
      throw new JiraError(404, 'Specified user does not exist or you do not have required permissions')
    return user
  }

  #find(name = ''): StoredIssue {
    const issue = this.#issues.get(name.toUpperCase())
    if (issue === undefined) throw new JiraError(404, NO_ISSUE)
    return issue
  }
}

function queryOfSearch(query: URLSearchParams): Record<string, unknown> {
  const fields = query.getAll('fields').flatMap((list) => list.split(','))
  return { ...Object.fromEntries(query), fields: fields.length === 0 ? undefined : fields }
}

function stringsIn(body: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = body[name]
  if (!Array.isArray(value)) throw new JiraError(400, `${name} must be a list.`)
  return value.map(String)
}

/** Opaque for clients; a token of another query is refused. */
function pageToken(start: number, jql: string): string {
  return Buffer.from(JSON.stringify([start, jql])).toString('base64url')
}

function readPageToken(token: unknown, jql: string): number {
  if (token === undefined || token === null) return 0
  try {
    const [start, own] = JSON.parse(Buffer.from(token as string, 'base64url').toString()) as [number, string]
    if (own === jql && Number.isSafeInteger(start)) return start
  } catch {
    // Refused below.
  }
  throw new JiraError(400, 'The nextPageToken is invalid.')
}
