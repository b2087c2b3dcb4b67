/**
 * Takes a lease again and again, as a process of its own, and exits with 1 when somebody else held it meanwhile:
 * `node lease-worker.ts '{ "path": …, "journal": …, "rounds": …, "ttl": … }'`. With `holds`, takes that key, prints its
 * fence, and stays.
 */
import { closeSync, openSync, rmSync } from 'node:fs'

import type { Duration } from '@x/core'

import { SqliteLease } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly journal: string
  readonly rounds: number
  readonly ttl: Duration
  readonly holds?: string
}

const { path, journal, rounds, ttl, holds } = JSON.parse(process.argv[2] ?? '') as Work
const lease = new SqliteLease({ path, busyTimeout: '20s' })
if (holds !== undefined) {
  process.stdout.write(String(lease.acquire(holds, ttl)?.fence))
  setInterval(() => undefined, 1_000)
}
let latest = 0
for (let done = 0; done < rounds;) {
  const held = lease.acquire('shared', ttl)
  if (held === undefined) continue
  if (held.fence <= latest) throw new Error(`The fence fell from ${latest} to ${held.fence}.`)
  latest = held.fence
  // Fails where another one has it open: nobody else may be here now.
  closeSync(openSync(journal, 'wx'))
  if (held.renew(ttl) !== true) throw new Error('The hold was lost.')
  rmSync(journal)
  void held.release()
  done += 1
}
