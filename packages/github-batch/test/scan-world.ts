import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import {
  type FileContent,
  type GitHubServer,
  type GitHubServerOptions,
  MemoryRepository,
  type RepositoryRecord,
  startGitHubServer,
} from '@x/github-server'

import { BatchCoordinator, GitHubClient, type GitHubClientOptions, RateBudget } from '../src/index.ts'
import { BAD } from './bad-catalog.ts'

/** A repository of a test: its files, and what is particular about it. No files: nothing was ever pushed. */
export interface RepositoryPlan extends Partial<RepositoryRecord> {
  readonly files?: Readonly<Record<string, FileContent>>
}

const ORDINARY = {
  owner: 'acme',
  ownerType: 'Organization',
  gitDir: '',
  defaultBranch: 'main',
  pushedAt: '2026-01-02T03:04:05Z',
  private: false,
  archived: false,
  fork: false,
} as const

/** A server over repositories of `acme`, an empty cache, and a scanner for both. */
export class ScanWorld implements AsyncDisposable {
  readonly server: GitHubServer
  readonly cache: SqliteCache
  readonly #folder: string
  readonly #records: Map<string, RepositoryRecord>
  readonly #repositories: ReadonlyMap<string, MemoryRepository>
  #pushes = 0

  private constructor(
    folder: string,
    server: GitHubServer,
    { records, repositories }: Pick<ScanWorld, 'records'> & { repositories: ReadonlyMap<string, MemoryRepository> },
  ) {
    this.#folder = folder
    this.server = server
    this.#records = new Map(records.map((record) => [record.name, record]))
    this.#repositories = repositories
    this.cache = new SqliteCache({ path: join(folder, 'cache.sqlite') })
  }

  static async create(
    plans: Readonly<Record<string, RepositoryPlan>>,
    options: Partial<GitHubServerOptions> = {},
  ): Promise<ScanWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'x-scan-'))
    const repositories = new Map(Object.entries(plans).map(([name, { files }]) => [name, new MemoryRepository(files)]))
    const records = Object.entries(plans).map(([name, plan]): RepositoryRecord => {
      const objects = (): MemoryRepository => repositories.get(name) ?? new MemoryRepository()
      return { ...ORDINARY, name, objects, ...plan }
    })
    return new ScanWorld(folder, await startGitHubServer({ repositories: records, ...options }), {
      records,
      repositories,
    })
  }

  get records(): readonly RepositoryRecord[] {
    return [...this.#records.values()]
  }

  /** Pushes a commit, each some time after the one before. */
  push(name: string, files: Readonly<Record<string, FileContent>>): void {
    this.#repositories.get(name)?.push({ files })
    this.#pushes += 1
    const pushedAt = new Date(Date.UTC(2026, 1, 1) + this.#pushes * 60_000).toISOString().replace('.000Z', 'Z')
    this.change(name, { pushedAt })
  }

  /** Gives a repository another name, under which the former one is still found. */
  rename(name: string, newName: string): void {
    const record = this.#records.get(name)
    if (record === undefined) return
    this.#records.delete(name)
    this.#records.set(newName, { ...record, name: newName, movedFrom: [`${record.owner}/${name}`] })
    this.server.setRepositories(this.records)
  }

  /** Changes what GitHub knows of a repository. */
  change(name: string, traits: Partial<RepositoryRecord>): void {
    const record = this.#records.get(name)
    if (record !== undefined) this.#records.set(name, { ...record, ...traits })
    this.server.setRepositories(this.records)
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

export { BAD } from './bad-catalog.ts'

/** A package-lock.json with these packages, and others until it has about so many bytes. */
export function npmLock(packages: Readonly<Record<string, string>>, bytes = 0): string {
  const entries: Record<string, unknown> = { '': { name: 'app', version: '1.0.0', dependencies: packages } }
  for (const [name, version] of Object.entries(packages)) entries[`node_modules/${name}`] = { version }
  for (let index = 0; index * 60 < bytes; index += 1) {
    entries[`node_modules/filler-${String(index).padStart(6, '0')}`] = { version: `1.0.${index}` }
  }
  return `${JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages: entries }, undefined, 2)}\n`
}
