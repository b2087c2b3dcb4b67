import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import { type GitHubServer, startGitHubServer, SyntheticOrganisation } from '@x/github-server'
import { expect, it } from 'vitest'

import { blobOid, type ScanResult } from '../src/index.ts'

/** How often to kill: `X_KILLS=100` for the whole torture. */
const KILLS = Number(process.env['X_KILLS'] ?? 4)
const SEED = 20_261_125
const ACME = JSON.stringify({ organizations: ['acme'] })

/** Numbers from 0 up to 1, the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Which contents the server hands out, by their object ids, and a death at a chosen request. */
class Witness {
  readonly delivered: string[] = []
  #victim: ChildProcess | undefined
  #requestsLeft = Infinity

  constructor(server: GitHubServer) {
    server.setFaults([{ on: {}, do: { kind: 'rewrite', rewrite: (body) => this.#see(body) } }])
  }

  /** Kills the process at its so-manyth answer. */
  killAt(victim: ChildProcess, request: number): void {
    this.#victim = victim
    this.#requestsLeft = request
  }

  #see(body: Buffer): Buffer {
    for (const oid of oidsIn(body)) this.delivered.push(oid)
    this.#requestsLeft -= 1
    if (this.#requestsLeft <= 0) this.#victim?.kill('SIGKILL')
    return body
  }
}

interface TextAnswer {
  readonly data?: Record<string, Record<string, { readonly text?: string } | null> | null>
}

function oidsIn(body: Buffer): string[] {
  const text = body.toString()
  if (!text.startsWith('{"data"')) return text.includes('"lockfileVersion"') ? [blobOid(body)] : []
  const answer = JSON.parse(text) as TextAnswer
  return Object.values(answer.data ?? {}).flatMap((repository) =>
    Object.values(repository ?? {}).flatMap((node) =>
      typeof node?.text === 'string' ? [blobOid(Buffer.from(node.text))] : [],
    ),
  )
}

async function run(url: string, path: string, begun: (child: ChildProcess) => void): Promise<ScanResult | undefined> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'scan-process.ts'), url, path, ACME], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  begun(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? (JSON.parse(output) as ScanResult) : undefined
}

function keptBlobs(path: string, oids: readonly string[]): ReadonlySet<string> {
  using cache = new SqliteCache({ path })
  return new Set(oids.filter((oid) => cache.has(oid, { category: 'blob' })))
}

it(
  `killed at ${KILLS} moments, goes on to the same result, and asks for nothing that is kept`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'x-kill-'))
    const organisation = new SyntheticOrganisation({ repositories: 60, packages: 5, badEvery: 7, largeShare: 0.1 })
    await using server = await startGitHubServer({ repositories: organisation.records })
    const witness = new Witness(server)
    const random = randomNumbers(SEED)
    try {
      const calm = await run(server.url, join(folder, 'calm.sqlite'), () => undefined)
      const requests = server.journal.entries.length
      const oids = [...new Set(witness.delivered)]
      expect(calm).toMatchObject({ complete: true, findings: { length: organisation.bad } })
      for (let kills = 0, file = 0; kills < KILLS; file += 1) {
        const path = join(folder, `${file}.sqlite`)
        let result: ScanResult | undefined
        // Each death leaves less to do, until a run gets to its end.
        while (result === undefined) {
          witness.delivered.length = 0
          const kept = keptBlobs(path, oids)
          const moment = 1 + Math.floor(random() * requests)
          result = await run(server.url, path, (child) => {
            witness.killAt(child, kills < KILLS ? moment : Infinity)
          })
          if (result === undefined) kills += 1
          expect(witness.delivered.filter((oid) => kept.has(oid))).toEqual([])
        }
        expect(result).toEqual(calm)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  Math.max(600_000, KILLS * 20_000),
)
