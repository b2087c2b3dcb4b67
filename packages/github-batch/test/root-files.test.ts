import { describe, expect, it } from 'vitest'

import { DEFAULT_BATCH_PLAN } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }
const ROOT_ONLY = { ...ACME, rootFilesOnly: true }
const INFECTED = npmLock({ bad: '6.6.6' })
const PLANS = {
  web: {
    files: { 'package-lock.json': INFECTED, 'a/b/c/package-lock.json': npmLock({ bad: '6.6.6', deep: '1.0.0' }) },
  },
  nested: { files: { 'app/package-lock.json': npmLock({ bad: '6.6.6', nested: '1.0.0' }), 'README.md': '' } },
  flat: { files: { 'package-lock.json': npmLock({ bad: '6.6.6', flat: '1.0.0' }) } },
}
const BY_REST = { plan: { ...DEFAULT_BATCH_PLAN, treesPerQuery: undefined } }

function trees({ server }: ScanWorld): string[] {
  return server.journal.entries.filter(({ operation }) => operation === 'tree').map(({ path }) => path)
}

describe('rootFilesOnly', () => {
  it.each([
    ['GraphQL', {}],
    ['REST', BY_REST],
  ])('reads the files at the root of each repository and lists no folder, by %s', async (_, options) => {
    await using world = await ScanWorld.create(PLANS)
    const result = await world.coordinator().scan(ROOT_ONLY, options)
    expect(result.findings.map(({ repository, file }) => `${repository}/${file}`)).toEqual([
      'acme/flat/package-lock.json',
      'acme/web/package-lock.json',
    ])
    expect(result).toMatchObject({
      complete: true,
      ledger: [
        { repository: 'acme/flat', status: 'scanned' },
        { repository: 'acme/nested', status: 'skipped', why: 'no dependency file at its root' },
        { repository: 'acme/web', status: 'scanned' },
      ],
    })
    expect(trees(world)).toHaveLength('plan' in options ? 3 : 0)
    expect(trees(world).filter((path) => path.includes('recursive'))).toEqual([])
  })

  it('saves the queries for deeper folders', async () => {
    const deep = { files: { 'package-lock.json': INFECTED, 'a/b/c/d/e/f/g/yarn.lock': '' } }
    await using world = await ScanWorld.create({ deep })
    // A sweep, the root, one content; without it the folders take two queries more.
    expect((await world.coordinator().scan(ROOT_ONLY)).cost.requests).toBe(3)
  })

  it.each([
    ['GraphQL', {}],
    ['REST', BY_REST],
  ])('leaves a later scan of everything to go on below the root, by %s', async (_, options) => {
    await using world = await ScanWorld.create(PLANS)
    await world.coordinator().scan(ROOT_ONLY, options)
    const whole = await world.coordinator().scan(ACME, options)
    expect(whole.findings.map(({ file }) => file)).toEqual([
      'package-lock.json',
      'app/package-lock.json',
      'a/b/c/package-lock.json',
      'package-lock.json',
    ])
    world.server.journal.clear()
    // What is known of the whole tree tells its root.
    const again = await world.coordinator().scan(ROOT_ONLY)
    expect(again).toMatchObject({ complete: true, findings: { length: 2 }, cost: { requests: 1 } })
  })

  it('reads all of a tree whose file at the root is a symbolic link', async () => {
    const linked = {
      files: { 'package-lock.json': { linkTo: 'app/package-lock.json' }, 'app/package-lock.json': INFECTED },
    }
    await using world = await ScanWorld.create({ linked })
    const result = await world.coordinator().scan(ROOT_ONLY)
    expect(result.findings.map(({ file }) => file)).toEqual(['package-lock.json'])
    world.cache.clear()
    expect((await world.coordinator().scan(ROOT_ONLY, BY_REST)).findings).toEqual(result.findings)
  })

  it('goes on being so when the scan is resumed', async () => {
    await using world = await ScanWorld.create(PLANS)
    const stopped = await world.coordinator().scan(ROOT_ONLY, { maxPoints: 2 })
    expect(stopped.complete).toBe(false)
    const resumed = await world.coordinator().resume(stopped.id)
    expect(resumed).toMatchObject({ complete: true, findings: { length: 2 } })
    expect(trees(world)).toEqual([])
  })
})
