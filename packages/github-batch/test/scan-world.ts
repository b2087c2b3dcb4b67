import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import {
  buildRepository,
  type FileContent,
  type GitHubServer,
  type GitHubServerOptions,
  type RepositoryRecord,
  startGitHubServer,
} from '@x/github-server'

import { BatchCoordinator, GitHubClient, type GitHubClientOptions, IocCatalog, RateBudget } from '../src/index.ts'

/** A repository of a test: its files, and what is particular about it. No files: nothing was ever pushed. */
export interface RepositoryPlan extends Partial<RepositoryRecord> {
  readonly files?: Readonly<Record<string, FileContent>>
}

/** A server over real repositories of `acme`, an empty cache, and a scanner for both. */
export class ScanWorld implements AsyncDisposable {
  readonly server: GitHubServer
  readonly cache: SqliteCache
  readonly records: readonly RepositoryRecord[]
  readonly #folder: string

  private constructor(folder: string, server: GitHubServer, records: readonly RepositoryRecord[]) {
    this.#folder = folder
    this.server = server
    this.records = records
    this.cache = new SqliteCache({ path: join(folder, 'cache.sqlite') })
  }

  static async create(
    plans: Readonly<Record<string, RepositoryPlan>>,
    options: Partial<GitHubServerOptions> = {},
  ): Promise<ScanWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'x-scan-'))
    const records = await Promise.all(
      Object.entries(plans).map(async ([name, { files, ...traits }]): Promise<RepositoryRecord> => {
        const gitDir = join(folder, `${name}.git`)
        const date = '2026-01-02T03:04:05Z'
        const commits = files === undefined ? [] : [{ message: 'Begin', date, files }]
        await buildRepository(gitDir, { branch: 'main', commits })
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
          ...traits,
        }
      }),
    )
    return new ScanWorld(folder, await startGitHubServer({ repositories: records, ...options }), records)
  }

  client(options: GitHubClientOptions = {}): GitHubClient {
    const budget = new RateBudget({ maxWait: '2s' })
    return new GitHubClient({ token: 'token-a', baseUrl: this.server.url, retryDelay: 1, budget, ...options })
  }

  coordinator(options: GitHubClientOptions = {}): BatchCoordinator {
    return new BatchCoordinator({ client: this.client(options), cache: this.cache, catalog: BAD })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cache.close()
    await this.server.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** `bad@6.6.6` is listed. */
export const BAD: IocCatalog = new IocCatalog([
  { ecosystem: 'npm', name: 'bad', version: '6.6.6', source: 'test list' },
])

/** A package-lock.json with these packages, and others until it has about so many bytes. */
export function npmLock(packages: Readonly<Record<string, string>>, bytes = 0): string {
  const entries: Record<string, unknown> = { '': { name: 'app', version: '1.0.0', dependencies: packages } }
  for (const [name, version] of Object.entries(packages)) entries[`node_modules/${name}`] = { version }
  for (let index = 0; index * 60 < bytes; index += 1) {
    entries[`node_modules/filler-${String(index).padStart(6, '0')}`] = { version: `1.0.${index}` }
  }
  return `${JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages: entries }, undefined, 2)}\n`
}
