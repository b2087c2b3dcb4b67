/**
 * Calls a shared function once, as a process of its own: `node shared-call-worker.ts '{ "path": …, "journal": …, "waitsFor": …, "leaseTtl": … }'`. Each
 * notes in the journal that it has asked for the lease; the leader notes its run, and ends it when as many as it waits for have asked.
 */
import { appendFileSync, readFileSync } from 'node:fs'

import type { Duration, Lease } from '@x/core'
import { AsyncSharedCall } from '@x/shared-call'

import { SqliteCache, SqliteLease } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly journal: string
  readonly waitsFor: number
  readonly leaseTtl: Duration
}

const { path, journal, waitsFor, leaseTtl } = JSON.parse(process.argv[2] ?? '') as Work
using store = new SqliteCache({ path, busyTimeout: '20s' })
using lease = new SqliteLease({ path, busyTimeout: '20s' })
let hasAsked = false
const noted: Lease = {
  acquire: (key, ttl) => {
    const held = lease.acquire(key, ttl)
    if (!hasAsked) appendFileSync(journal, 'asked\n')
    hasAsked = true
    return held
  },
}
const shared = new AsyncSharedCall({ lease: noted, store, leaseTtl, pollInterval: 10 })

const asked = (): number =>
  readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('asked')).length

const value = await shared.call('report', async () => {
  appendFileSync(journal, `runs ${process.pid}\n`)
  process.stdout.write('runs\n')
  while (asked() < waitsFor) await new Promise((resolve) => setTimeout(resolve, 5))
  return { pid: process.pid }
})
process.stdout.write(JSON.stringify(value))
