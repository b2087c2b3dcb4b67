import { createJiraClient, type HttpClient } from '@x/batcher'
import {
  type CacheStore,
  EXIT_CODES,
  isHttpStatusError,
  isNetworkError,
  isRateLimitError,
  isUnreadableAnswerError,
} from '@x/core'

import { jiraCachePurpose } from '../../cache/jira-cache.ts'
import { openCache, openOptionalCache } from '../../cache/open-cache.ts'
import { type Invocation } from '../../cli/command.ts'
import { once } from '../../cli/once.ts'
import { inOwnWords } from '../../cli/own-words.ts'
import { environmentVariable } from '../../cli/environment-variable.ts'
import { advise, ConfigurationError, ProgramError } from '../../cli/program-error.ts'

export interface JiraConnectionOptions {
  readonly url: string | undefined
  readonly email: string | undefined
  readonly try: boolean
  readonly cache: string | undefined
  readonly maxConcurrent: number
}

/** What a command reads Jira with. */
export interface JiraConnection {
  readonly client: HttpClient
  readonly cache: CacheStore
  /** Requests so far. */
  readonly requests: () => number
}

interface JiraAccount {
  readonly url: string
  readonly email: string | undefined
  readonly token: string
}

interface ConnectOptions extends JiraConnectionOptions {
  /** Whether a cache that fails ends the command; else Jira is asked instead. */
  readonly mustKeep?: boolean
  readonly onCacheError: (error: unknown) => void
  /** Names the cache, where that is not the address. */
  readonly purposeUrl?: string
}

/** Connects, works, and closes what was opened, also the bundled server. */
export async function withJira<Result>(
  options: JiraConnectionOptions & Pick<ConnectOptions, 'mustKeep'>,
  { log, signal }: Invocation,
  work: (connection: JiraConnection) => Promise<Result>,
): Promise<Result> {
  const onCacheError = once((error: unknown) => {
    log.note(`The cache fails, and Jira is asked instead: ${inOwnWords((error as Error).message)}`)
  })
  if (!options.try) return connect(accountOf(options), { ...options, onCacheError }, work)
  const { createJiraSite, startJiraServer } = await import('@x/jira-server')
  const site = createJiraSite()
  await using server = await startJiraServer({ site })
  signal.throwIfAborted()
  log.note(`A Jira-compatible server with ${site.keys.length} readable issues runs at ${server.url}.`)
  // Its address changes with every run; what is kept is of the same issues.
  const account = { url: server.url, email: site.email, token: site.token }
  return await connect(account, { ...options, onCacheError, purposeUrl: 'http://bundled.invalid' }, work)
}

async function connect<Result>(
  account: JiraAccount,
  { cache: place, purposeUrl = account.url, mustKeep = false, onCacheError }: ConnectOptions,
  work: (connection: JiraConnection) => Promise<Result>,
): Promise<Result> {
  let requests = 0
  const counted: typeof fetch = (...request) => {
    requests += 1
    return fetch(...request)
  }
  const purpose = jiraCachePurpose({ url: purposeUrl, email: account.email })
  const { cache } = await (mustKeep
    ? openCache(place, { ...purpose, onFailure: 'throw' })
    : openOptionalCache(place, purpose))
  if (!mustKeep) cache.addEventListener({ onCacheError })
  try {
    const client = createJiraClient({
      baseUrl: account.url,
      email: account.email,
      token: account.token,
      fetch: counted,
    })
    return await work({ client, cache, requests: () => requests })
  } catch (error) {
    throw withNextStep(error)
  } finally {
    await cache.close()
  }
}

function accountOf({ url, email }: JiraConnectionOptions): JiraAccount {
  const token = environmentVariable('JIRA_TOKEN')
  if (url === undefined)
    throw new ConfigurationError('Where is Jira? Set JIRA_URL or give --url, or try it with --try.')
  if (token === undefined)
    throw new ConfigurationError('No token: set JIRA_TOKEN, and JIRA_EMAIL to the account that it is of.')
  return { url, email, token }
}

function withNextStep(error: unknown): unknown {
  // What Jira does not understand was asked for by the user.
  if (isHttpStatusError(error, 400)) return new ProgramError(error.message, EXIT_CODES.general, { cause: error })
  // How long to wait for a limit is no option here.
  if (isRateLimitError(error)) error.message = error.message.replace(', longer than maxWait allows', '')
  else if (isHttpStatusError(error, 401)) advise(error, 'Check JIRA_EMAIL and JIRA_TOKEN.')
  else if (isUnreadableAnswerError(error)) advise(error, 'Check JIRA_URL, and that no page to log in stands before it.')
  else if (isNetworkError(error)) advise(error, 'Check JIRA_URL and the connection.')
  return error
}
