import { text as readText } from 'node:stream/consumers'

import { batchFetchIssues, type IssueFailure, type JiraIssue, searchIssues } from '@x/batcher'
import {
  encodeKey,
  EXIT_CODES,
  type ExitCode,
  isHttpStatusError,
  isNetworkError,
  isUnreadableAnswerError,
} from '@x/core'
import { readThrough } from '@x/shared-call'

import { type Invocation } from '../../cli/command.ts'
import { UsageError } from '../../cli/program-error.ts'
import { type IssueFormat } from '../../formats/issues/issue-format-names.ts'
import { formatIssues } from '../../formats/issues/issue-format.ts'
import { countText } from '../../output/count-text.ts'
import { openResultOutput } from '../../output/result-output.ts'
import { PLAIN_STYLE } from '../../output/style.ts'
import { fieldIds } from './field-ids.ts'
import { type JiraConnection, type JiraConnectionOptions, withJira } from './jira-connection.ts'

export interface ReadIssuesOptions extends JiraConnectionOptions {
  readonly jql: string | undefined
  readonly stdin: boolean
  readonly fields: readonly string[]
  readonly fresh: boolean
  readonly format: IssueFormat
  readonly output: string | undefined
}

const DEFAULT_FIELDS = ['summary', 'status', 'assignee', 'updated']
/** Jira's own limit where nothing but keys is asked for ("Search for issues using JQL", Jira Cloud REST API 3, 2026-11). */
const KEYS_IN_A_PAGE = 5_000

/** Reads the issues that are named, and writes them; those that could not be read make the exit code 6. */
export async function readIssues(options: ReadIssuesOptions, invocation: Invocation): Promise<ExitCode> {
  const { log, operands } = invocation
  assertOneSource(options, operands)
  const output = await openResultOutput(options.output)
  try {
    const { issues, fields, requests } = await withJira(options, invocation, async (connection) => {
      const keys = await keysOf(options, connection, invocation)
      const fields = await fieldIds(fieldsOf(options.fields), connection, {
        fresh: options.fresh,
        signal: invocation.signal,
      })
      const issues = await fetchIssues(keys, { options, fields, connection, invocation })
      assertAnswered(issues)
      return { issues, fields, requests: connection.requests() }
    })
    const style = output.path === undefined ? invocation.style : PLAIN_STYLE
    await output.write(formatIssues(options.format, issues, { fields, style }))
    log.note(`${countText(issues.size, 'issue')}, ${countText(requests, 'request')}.`)
    return exitCodeOfIssues(issues)
  } finally {
    await output.close()
  }
}

function assertOneSource({ jql, stdin }: ReadIssuesOptions, keys: readonly string[]): void {
  const sources = [keys.length > 0, jql !== undefined, stdin].filter(Boolean).length
  if (sources === 0) throw new UsageError('Which issues? Give keys, --jql or --stdin.')
  if (sources > 1) throw new UsageError('Give keys, --jql or --stdin, one at a time.')
}

function fieldsOf(given: readonly string[]): string[] {
  const names = given.flatMap((list) => list.split(',')).map((name) => name.trim())
  return names.length === 0 ? DEFAULT_FIELDS : names.filter((name) => name !== '')
}

async function keysOf(
  { jql, stdin, fresh }: ReadIssuesOptions,
  { client, cache }: JiraConnection,
  { operands, signal }: Invocation,
): Promise<readonly string[]> {
  if (stdin) return (await readText(process.stdin)).split(/[\s,]+/).filter((key) => key !== '')
  if (jql === undefined) return operands
  const search = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of searchIssues(client, jql, { fields: ['key'], pageSize: KEYS_IN_A_PAGE, signal }))
      keys.push(key)
    return keys
  }
  const key = encodeKey('search', jql)
  if (fresh) await cache.delete(key, { category: 'search' })
  return readThrough(cache, key, search, { category: 'search', signal })
}

interface IssueFetchWork {
  readonly options: ReadIssuesOptions
  readonly fields: readonly string[]
  readonly connection: JiraConnection
  readonly invocation: Invocation
}

async function fetchIssues(
  keys: readonly string[],
  { options, fields, connection, invocation }: IssueFetchWork,
): Promise<Map<string, JiraIssue | IssueFailure>> {
  const { log, signal } = invocation
  const { client, cache } = connection
  let progress = { done: 0, total: keys.length }
  const lines = (): string[] => [
    `jira: ${progress.done} of ${countText(progress.total, 'issue')}, ${countText(connection.requests(), 'request')}`,
  ]
  try {
    return await batchFetchIssues(client, keys, {
      fields,
      signal,
      maxConcurrent: options.maxConcurrent,
      ...(options.fresh ? {} : { cache }),
      onProgress: (done, total) => {
        progress = { done, total }
        if (!log.isQuiet) log.screen.show(lines)
      },
    })
  } finally {
    log.screen.hide()
  }
}

/** @throws why nothing could be read, where that is not about the issues. */
function assertAnswered(issues: ReadonlyMap<string, JiraIssue | IssueFailure>): void {
  const failures = [...issues.values()].flatMap((issue) => ('error' in issue ? [issue.error] : []))
  if (failures.length < issues.size) return
  const reason = failures.find(
    (error) => isNetworkError(error) || isUnreadableAnswerError(error) || isHttpStatusError(error, 401),
  )
  if (reason !== undefined) throw reason
}

function exitCodeOfIssues(issues: ReadonlyMap<string, JiraIssue | IssueFailure>): ExitCode {
  return [...issues.values()].some((issue) => 'error' in issue) ? EXIT_CODES.scanIncomplete : EXIT_CODES.success
}
