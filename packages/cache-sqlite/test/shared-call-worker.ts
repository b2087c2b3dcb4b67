/**
 * Calls a shared function once, as a process of its own: `node shared-call-worker.ts '{ "path": …, "journal": …, "waitsFor": … }'`. Its
 * leader notes its run in the journal, and ends it when as many processes as it waits for have begun.
 */
import { appendFileSync, readFileSync } from 'node:fs'

import { AsyncSharedCall } from '@x/shared-call'

import { SqliteCache, SqliteLease } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly journal: string
  readonly waitsFor: number
}

const { path, journal, waitsFor } = JSON.parse(process.argv[2] ?? '') as Work
using store = new SqliteCache({ path, busyTimeout: '20s' })
using lease = new SqliteLease({ path, busyTimeout: '20s' })
const shared = new AsyncSharedCall({ lease, store, leaseTtl: '2s', pollInterval: 10 })

const begun = (): number =>
  readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('begun')).length

appendFileSync(journal, 'begun\n')
const value = await shared.call('report', async () => {
  appendFileSync(journal, `runs ${process.pid}\n`)
  process.stdout.write('runs\n')
  while (begun() < waitsFor) await new Promise((resolve) => setTimeout(resolve, 5))
  return { pid: process.pid }
})
process.stdout.write(JSON.stringify(value))
