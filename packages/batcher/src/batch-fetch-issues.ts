import {
  BatchProcessingError,
  type CacheStore,
  type Epoch,
  HttpStatusError,
  isCacheError,
  isHttpStatusError,
  isUnreadableAnswerError,
} from '@x/core'

import type { HttpClient } from './http-client.ts'
import type { JiraIssue } from './jira-client.ts'
import { notJira } from './not-jira.ts'
import { RequestBatcher } from './request-batcher.ts'
import { type OnProgress, tellProgress } from './tell-progress.ts'
import { unlessAborted } from './unless-aborted.ts'

/** An issue that could not be read. */
export interface IssueFailure {
  /** Why: the client's own error, `HttpStatusError` 404 for what is missing or may not be seen, `UnreadableAnswerError` for another server's words. */
  readonly error: Error
}

/** How issues are fetched. */
export interface BatchFetchIssuesOptions {
  /**
   * The fields of each issue: names, `*all`, `*navigable`, `-name` to leave one out.
   *
   * @defaultValue `["*navigable"]`
   */
  readonly fields?: readonly string[] | undefined
  /** Called once for each key as it is settled; `done` grows by one each time. What it throws is ignored. */
  readonly onProgress?: OnProgress | undefined
  /** Aborted: the call rejects at once with the signal's reason, also while it waits for the cache. */
  readonly signal?: AbortSignal | undefined
  /**
   * Asked first, and given what was fetched, in the category `issue`: under the key itself, followed by the fields where
   * you name them. One cache for each site and account: keys alone do not tell them apart. What it throws, the call throws.
   *
   * @defaultValue none
   */
  readonly cache?: CacheStore | undefined
  /**
   * Requests on the wire at the same time: a positive integer.
   *
   * @defaultValue 10
   */
  readonly maxConcurrent?: number | undefined
  /**
   * Of the REST API: 2 for Data Center, which has no 3.
   *
   * @defaultValue 3
   */
  readonly apiVersion?: 2 | 3 | undefined
}

/** What one bulkfetch may ask for (Jira Cloud REST API 3, "Bulk fetch issues", 2026-11). */
const BULK_SIZE = 100
/** So few keys are asked for one by one: then Jira says itself what is wrong with each. */
const FEW = 4
/** Where an answer names at least one issue for so many keys, halving them costs more than asking for each. */
const SHARE_OF_FEW = 8
const SCOPE = { category: 'issue' } as const
/** A project's key and a number, or an id. */
const ISSUE_KEY = /^(?:\p{L}[\p{L}\p{N}_]*-\d+|\d+)$/u

/**
 * Fetches issues by key or id, a hundred in a request, where the server can; else one by one. What the answers leave out is asked for
 * once more in the same way: it is missing where nothing comes, and the keys of issues that have moved are found among the others by
 * halving, the last few one by one.
 *
 * @returns for each key, in the order asked, the issue or why there is none. A moved issue is under the key that was asked for.
 * @throws the signal's reason, or what the cache throws. Requests that fail do not throw.
 * @throws TypeError for keys that are no strings, and for one string in the place of many.
 */
export async function batchFetchIssues(
  client: HttpClient,
  keys: Iterable<string>,
  options: BatchFetchIssuesOptions = {},
): Promise<Map<string, JiraIssue | IssueFailure>> {
  return await unlessAborted(new IssueFetch(client, keys, options).run(), options.signal)
}

/** Keys of one request. */
type Group = readonly string[]

/** One call: which keys are open, and what became of the others. Keys differ in case only for the caller. */
class IssueFetch {
  readonly #options: BatchFetchIssuesOptions
  readonly #client: HttpClient
  readonly #batcher: RequestBatcher
  readonly #path: string
  readonly #fields: readonly string[]
  /** The spellings of each key, in the order asked. */
  readonly #spellings = new Map<string, Set<string>>()
  readonly #results = new Map<string, JiraIssue | IssueFailure | undefined>()
  readonly #open = new Set<string>()
  readonly #epochs = new Map<string, Epoch>()
  #done = 0

  constructor(client: HttpClient, keys: Iterable<string>, options: BatchFetchIssuesOptions) {
    const { fields = ['*navigable'], maxConcurrent = 10, apiVersion = 3 } = options
    this.#options = options
    this.#client = client
    this.#fields = fields
    this.#path = `/rest/api/${apiVersion}/issue`
    // A bulkfetch is a read, whatever its method.
    this.#batcher = new RequestBatcher(client, { maxConcurrent, retry: { methods: ['GET', 'POST'] } })
    if (typeof keys === 'string') throw new TypeError('The keys must be an array or another iterable, not one string.')
    for (const key of keys) {
      if (typeof key !== 'string') throw new TypeError(`A key must be a string, not ${typeof key}.`)
      const name = key.toUpperCase()
      const spellings = this.#spellings.get(name) ?? new Set()
      this.#spellings.set(name, spellings.add(key))
      this.#results.set(key, undefined)
      this.#open.add(name)
    }
  }

  async run(): Promise<Map<string, JiraIssue | IssueFailure>> {
    this.#options.signal?.throwIfAborted()
    for (const name of this.#open) {
      if (!ISSUE_KEY.test(name))
        this.#fail(name, new BatchProcessingError(`${JSON.stringify(name)} is no issue key and no id.`))
    }
    await this.#readCache()
    if (!(await this.#fetchInBulk())) await this.#fetchFirst()
    await this.#fetchSingly([...this.#open])
    return this.#results as Map<string, JiraIssue | IssueFailure>
  }

  async #readCache(): Promise<void> {
    const { cache } = this.#options
    if (cache === undefined || this.#open.size === 0) return
    const names = [...this.#open]
    const found = await cache.getMany<JiraIssue>(
      names.map((name) => this.#cacheKey(name)),
      SCOPE,
    )
    for (const name of names) {
      const issue = found.get(this.#cacheKey(name))
      if (issue !== undefined) this.#settle(name, issue)
    }
    // Before anything is asked for: what is invalidated from now on must not come back.
    const epochs = await Promise.all(
      [...this.#open].map(async (name) => [name, await cache.getEpoch(this.#cacheKey(name), SCOPE)] as const),
    )
    for (const [name, epoch] of epochs) this.#epochs.set(name, epoch)
  }

  /** Answers whether the server can. */
  async #fetchInBulk(): Promise<boolean> {
    if ((await this.#fetchGroups(groupsOf([...this.#open]))) === undefined) return false
    // A moved issue is named by its new key, and once beside another that was asked for: what is left out is asked for by itself.
    let groups = groupsOf([...this.#open])
    while (groups.length > 0) {
      const answers = (await this.#fetchGroups(groups.filter(({ length }) => length > FEW))) ?? []
      groups = answers.flatMap(({ group, named }) => {
        if (named === 0) for (const name of group) this.#fail(name, this.#leftOut(name))
        const rest = group.filter((name) => this.#open.has(name))
        const middle = Math.ceil(rest.length / 2)
        return named * SHARE_OF_FEW < rest.length ? [rest.slice(0, middle), rest.slice(middle)] : []
      })
    }
    return true
  }

  /** How many issues the answer to each group names. `undefined`: the server knows nothing of bulkfetch. */
  async #fetchGroups(groups: readonly Group[]): Promise<{ group: Group; named: number }[] | undefined> {
    const byId = new Map<string, Group>()
    for (const group of groups) {
      const data = { issueIdsOrKeys: group, fields: this.#fields }
      byId.set(this.#batcher.add('POST', `${this.#path}/bulkfetch`, data), group)
    }
    const answers: { group: Group; named: number }[] = []
    for await (const result of this.#batcher.stream({ signal: this.#options.signal })) {
      this.#options.signal?.throwIfAborted()
      const group = byId.get(result.requestId) ?? []
      if (!result.success && isMissingEndpoint(result.error)) return undefined
      const answer = result.success ? bulkAnswer(result.data) : undefined
      if (answer === undefined) this.#failAll(group, result.success ? notJira(this.#client, result) : result.error)
      else {
        await this.#acceptAll(group, answer.issues)
        answers.push({ group, named: answer.named })
      }
    }
    return answers
  }

  #leftOut(name: string): HttpStatusError {
    const message = `POST ${this.#path}/bulkfetch leaves ${name} out: 404 Issue does not exist or you do not have permission to see it.`
    return new HttpStatusError(message, 404)
  }

  /** Where the server has no bulkfetch, the address may be wrong: the first issue shows whether Jira is there at all. */
  async #fetchFirst(): Promise<void> {
    const [first] = this.#open
    if (first === undefined) return
    const failure = await this.#fetchSingly([first])
    if (isUnreadableAnswerError(failure)) this.#failAll([...this.#open], failure)
  }

  /** Answers what went wrong last. */
  async #fetchSingly(open: readonly string[]): Promise<Error | undefined> {
    const names = new Map<string, string>()
    for (const name of open) {
      const data = { fields: this.#fields.join(',') }
      names.set(this.#batcher.add('GET', `${this.#path}/${encodeURIComponent(name)}`, data), name)
    }
    let failure: Error | undefined
    for await (const result of this.#batcher.stream({ signal: this.#options.signal })) {
      this.#options.signal?.throwIfAborted()
      const name = names.get(result.requestId) ?? ''
      if (result.success && isIssue(result.data)) await this.#accept([[name, result.data]])
      else {
        failure = result.success || isForeign(result.error) ? notJira(this.#client, result) : result.error
        this.#fail(name, failure)
      }
    }
    return failure
  }

  /** The answer is in the order of ids, names moved issues by their new key, and leaves out what is missing. */
  async #acceptAll(chunk: readonly string[], issues: readonly JiraIssue[]): Promise<void> {
    const byName = new Map(
      issues.flatMap((issue) => [[issue.key.toUpperCase(), issue] as const, [issue.id, issue] as const]),
    )
    await this.#accept(
      chunk.flatMap((name) => {
        const issue = byName.get(name)
        return issue === undefined ? [] : [[name, issue] as const]
      }),
    )
  }

  async #accept(found: readonly (readonly [name: string, issue: JiraIssue])[]): Promise<void> {
    for (const [name, issue] of found) this.#settle(name, issue)
    const { cache } = this.#options
    if (cache === undefined) return
    const byEpoch = new Map<Epoch, (readonly [string, JiraIssue])[]>()
    for (const [name, issue] of found) {
      const epoch = this.#epochs.get(name)
      if (epoch === undefined) continue
      const entries = byEpoch.get(epoch) ?? []
      byEpoch.set(epoch, entries)
      entries.push([this.#cacheKey(name), issue])
    }
    for (const [ifEpoch, entries] of byEpoch) await store(cache, entries, ifEpoch)
  }

  #cacheKey(name: string): string {
    const { fields } = this.#options
    return fields === undefined ? name : `${name}${JSON.stringify([...new Set(fields)].sort())}`
  }

  #failAll(names: readonly string[], error: Error): void {
    for (const name of names) this.#fail(name, error)
  }

  #fail(name: string, error: Error): void {
    this.#settle(name, { error })
  }

  #settle(name: string, outcome: JiraIssue | IssueFailure): void {
    if (!this.#open.delete(name)) return
    for (const spelling of this.#spellings.get(name) ?? []) {
      this.#results.set(spelling, outcome)
      this.#done += 1
      tellProgress(this.#options.onProgress, this.#done, this.#results.size)
    }
  }
}

/** In one go; where one is too large for the cache, the others singly. */
async function store(
  cache: CacheStore,
  entries: readonly (readonly [string, JiraIssue])[],
  ifEpoch: Epoch,
): Promise<void> {
  try {
    await cache.setMany(entries, { ...SCOPE, ifEpoch })
  } catch (error) {
    if (!isCacheError(error, 'VALUE_TOO_LARGE')) throw error
    const [first] = entries
    if (entries.length > 1) for (const entry of entries) await store(cache, [entry], ifEpoch)
    else if (first === undefined) throw error
  }
}

/** What a server says that knows nothing of bulkfetch. */
function isMissingEndpoint(error: Error): boolean {
  return [404, 405, 501].some((status) => isHttpStatusError(error, status))
}

/** A 404 that is not in the words of Jira's API. */
function isForeign(error: Error): boolean {
  return isHttpStatusError(error, 404) && error.body !== '' && !error.body.includes('"errorMessages"')
}

function groupsOf(names: readonly string[]): Group[] {
  return Array.from({ length: Math.ceil(names.length / BULK_SIZE) }, (_, index) =>
    names.slice(index * BULK_SIZE, (index + 1) * BULK_SIZE),
  )
}

/** The issues of an answer, and how many it names, those included that it could not return. `undefined`: it is none. */
function bulkAnswer(data: unknown): { readonly issues: JiraIssue[]; readonly named: number } | undefined {
  const { issues, issueErrors } = (data ?? {}) as { issues?: unknown; issueErrors?: unknown }
  if (!Array.isArray(issues)) return undefined
  const errors = Array.isArray(issueErrors) ? issueErrors.length : 0
  return { issues: issues.filter(isIssue), named: issues.length + errors }
}

function isIssue(value: unknown): value is JiraIssue {
  const { id, key } = (value ?? {}) as Partial<JiraIssue>
  return typeof id === 'string' && typeof key === 'string'
}
