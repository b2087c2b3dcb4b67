import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type FixtureOrganisation, type GitHubServer, startGitHubServer } from '@x/github-server'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'

/** The organisation behind a GitHub-compatible server, for the tests of a file. */
export interface LocalGitHub {
  readonly folder: string
  readonly organisation: FixtureOrganisation
  readonly server: GitHubServer
  /** The words of a scan of it with a cache of its own. */
  scanWords(...more: readonly string[]): string[]
  readonly withToken: { readonly env: { readonly GITHUB_TOKEN: string } }
}

export function useLocalGitHub(): LocalGitHub {
  const organisation = inject('organisation')
  const { repositories, token } = organisation
  const state: { folder?: string; server?: GitHubServer } = {}
  beforeAll(async () => {
    state.folder = await mkdtemp(join(tmpdir(), 'x-demo-test-'))
    state.server = await startGitHubServer({ repositories, tokens: [token] })
  })
  afterEach(() => {
    state.server?.setFaults([])
  })
  afterAll(async () => {
    await state.server?.close()
    if (state.folder !== undefined) await rm(state.folder, { recursive: true })
  })
  let caches = 0
  return {
    get folder() {
      return there(state.folder)
    },
    organisation,
    get server() {
      return there(state.server)
    },
    scanWords(...more) {
      caches += 1
      return ['scan', '--api-url', this.server.url, '--cache', join(this.folder, `cache-${caches}.sqlite`), ...more]
    },
    withToken: { env: { GITHUB_TOKEN: token } },
  }
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Not before the tests begin.')
  return value
}

/** An address where nobody listens: the port was free a moment ago. */
export async function nobodysUrl(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return `http://127.0.0.1:${port}`
}
