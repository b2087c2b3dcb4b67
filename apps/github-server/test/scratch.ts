import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { buildRepository } from '../src/fixture/build-repository.ts'
import { type FileContent } from '../src/fixture/commit.ts'
import { startGitHubServer, type GitHubServer, type GitHubServerOptions } from '../src/github-server.ts'
import { type RepositoryRecord } from '../src/repository-record.ts'

export const TOKEN = 'token-of-the-tests'

/** Files of a repository, or `undefined` for an empty one, with whatever its record has besides. */
export interface ScratchRepository extends Partial<RepositoryRecord> {
  readonly files?: Readonly<Record<string, FileContent>> | undefined
}

/** An empty folder, removed after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'github-server-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a real bare repository per entry, all of the organisation `acme`; removed after the test. */
export async function scratchRepositories(
  repositories: Readonly<Record<string, ScratchRepository>>,
): Promise<RepositoryRecord[]> {
  const root = await scratchFolder()
  return Promise.all(
    Object.entries(repositories).map(async ([name, { files, ...record }]) => {
      const gitDir = join(root, `${name}.git`)
      const date = '2026-11-01T10:00:00Z'
      const commits = files === undefined ? [] : [{ message: 'First\n\nWith a body.', date, files }]
      await buildRepository(gitDir, { branch: record.defaultBranch ?? 'main', commits })
      return {
        owner: 'acme',
        ownerType: 'Organization',
        name,
        gitDir,
        defaultBranch: 'main',
        pushedAt: date,
        private: false,
        archived: false,
        fork: false,
        ...record,
      }
    }),
  )
}

/** A server that is closed after the test, over scratch repositories. */
export async function scratchServer(
  repositories: Readonly<Record<string, ScratchRepository>>,
  options: Omit<GitHubServerOptions, 'repositories'> = {},
): Promise<{ server: GitHubServer; records: RepositoryRecord[] }> {
  const records = await scratchRepositories(repositories)
  const server = await startGitHubServer({ repositories: records, ...options })
  onTestFinished(() => server.close())
  return { server, records }
}

export interface Asked {
  readonly token?: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** GET with the tests' token, unless another (or none: empty) is given; redirects are not followed. */
export function get(server: GitHubServer, path: string, asked: Asked = {}): Promise<Response> {
  const { token = TOKEN, accept, headers } = asked
  return fetch(`${server.url}${path}`, {
    redirect: 'manual',
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(accept === undefined ? {} : { accept }),
      ...headers,
    },
  })
}

/** The JSON of an answer, typed by the caller. */
export async function json<T = Record<string, unknown>>(response: Promise<Response>): Promise<T> {
  return (await (await response).json()) as T
}

export interface GraphQLResult {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly type?: string; readonly message: string; readonly path?: unknown }[]
}

export function post(server: GitHubServer, body: unknown, token: string = TOKEN, path = '/graphql'): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export async function graphql(
  server: GitHubServer,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphQLResult> {
  return (await (await post(server, { query, variables })).json()) as GraphQLResult
}
