import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { SqliteCache } from '@x/cache-sqlite'
import { parseLockfile } from '@x/lockfiles'
import { expect, it } from 'vitest'

import { UsageMeter } from '../src/client/usage-meter.ts'
import { ContentStore } from '../src/files/content-store.ts'
import { ForgivingStore } from '../src/files/forgiving-store.ts'
import { createRepository, GitHubClient, IocCatalog } from '../src/index.ts'
import { MatchNotes } from '../src/scan/match-notes.ts'
import { ScanLedger } from '../src/scan/scan-ledger.ts'
import { ScanView } from '../src/scan/scan-view.ts'
import { npmLock } from './scan-world.ts'

const NAME = 'a-compromised-package'
const FILES = 20
const FILE_BYTES = 1_000_000

it('keeps of a file what was found in it, not its text', () => {
  using cache = new SqliteCache({ path: ':memory:' })
  const content = new ContentStore(new ForgivingStore(cache, () => undefined))
  const ledger = new ScanLedger('no files')
  const view = new ScanView({}, { ledger, meter: new UsageMeter(), client: new GitHubClient(), content })
  const catalog = new IocCatalog([{ ecosystem: 'npm', name: NAME, version: '6.6.6', source: 'test list' }])
  const notes = new MatchNotes({ catalog, content, ledger, view })
  const repository = { ...createRepository('acme/app'), archived: false, fork: false }
  const file = { repository, path: 'package-lock.json', oid: '0'.repeat(40), size: FILE_BYTES }

  const bytes = Buffer.from(npmLock({ [NAME]: '6.6.6' }, FILE_BYTES))

  const note = (): void => {
    const text = bytes.toString()
    notes.note([file], parseLockfile(file.path, text), text)
  }

  // The first one also pays for what is compiled and kept for good.
  note()
  const before = bytesInUse()
  for (let index = 0; index < FILES; index++) note()
  expect(ledger.findings).toHaveLength(1 + FILES)
  expect(bytesInUse() - before).toBeLessThan((FILES * FILE_BYTES) / 2)
})

/** Collects until nothing more goes: what was made while a collection was under way outlives that one. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let bytes = Infinity
  for (;;) {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external >= bytes) return bytes
    bytes = heapUsed + external
  }
}
