import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { IocCatalog } from '@x/github-batch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { scanCheckouts, type CheckoutScanOptions } from '../../src/local/scan-checkout.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'x-demo-checkout-'))
})
afterEach(() => rm(root, { recursive: true }))

const lockfile = (...names: string[]): string =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '6.6.6' }])),
  })
const put = async (path: string, text = lockfile('bad')): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}
const catalog = new IocCatalog([{ ecosystem: 'npm', name: 'bad', version: '6.6.6', source: 'list' }])
const scan = (
  paths: readonly string[] = [root],
  options: Partial<CheckoutScanOptions> = {},
): ReturnType<typeof scanCheckouts> =>
  scanCheckouts(paths, {
    catalog,
    isExcluded: () => false,
    rootOnly: false,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
  })
const filesOf = async (...args: Parameters<typeof scan>): Promise<string[]> =>
  (await scan(...args)).findings.map(({ file }) => file)

describe('scanCheckouts()', () => {
  it('finds what is listed in every folder but those of packages and git', async () => {
    for (const path of ['package-lock.json', 'a/b/yarn/package-lock.json', 'node_modules/x/package-lock.json'])
      await put(path)
    await put('.git/package-lock.json')
    await put('clean/package-lock.json', lockfile('good'))
    const { findings, complete, ledger } = await scan()
    expect(findings.map(({ file }) => file)).toEqual(['a/b/yarn/package-lock.json', 'package-lock.json'])
    expect(findings[0]).toMatchObject({ package: 'bad', version: '6.6.6', line: 1, source: 'list' })
    expect(complete).toBe(true)
    expect(ledger).toHaveLength(1)
  })

  it('tells through what a package comes', async () => {
    const packages = {
      '': { dependencies: { good: '1' } },
      'node_modules/good': { version: '1.0.0', dependencies: { bad: '6' } },
      'node_modules/bad': { version: '6.6.6' },
    }
    await put('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }))
    expect((await scan()).findings).toMatchObject([{ direct: false, through: ['good@1.0.0'] }])
  })

  it('leaves out what is excluded, and below the root what is not wanted', async () => {
    for (const path of ['package-lock.json', 'a/package-lock.json', 'a/fixtures/package-lock.json']) await put(path)
    expect(await filesOf([root], { isExcluded: (path) => path.endsWith('fixtures') })).toEqual([
      'a/package-lock.json',
      'package-lock.json',
    ])
    expect(await filesOf([root], { rootOnly: true })).toEqual(['package-lock.json'])
  })

  it('follows no link to a folder, and reads a link to a file where it leads', async () => {
    await put('a/package-lock.json')
    await symlink('..', join(root, 'a', 'loop'))
    await symlink(join(root, 'a', 'package-lock.json'), join(root, 'npm-shrinkwrap.json'))
    expect(await filesOf()).toEqual(['a/package-lock.json', 'npm-shrinkwrap.json'])
  })

  it('names what it cannot read, and is incomplete', async () => {
    await put('malformed/package-lock.json', '{')
    await put('huge/package-lock.json')
    await truncate(join(root, 'huge/package-lock.json'), 65 * 1024 * 1024)
    await symlink('package-lock.json', join(root, 'package-lock.json'))
    await symlink('nowhere', join(root, 'yarn.lock'))
    await put('good/package-lock.json')
    const { findings, ledger, complete } = await scan()
    expect(findings).toHaveLength(1)
    expect(complete).toBe(false)
    const [entry] = ledger
    expect(entry?.status).toBe('failed')
    for (const why of [
      'package-lock.json: its symbolic links go in a circle',
      'yarn.lock: is not there, or links to what is not',
      'huge/package-lock.json: larger than 64 MiB',
      'malformed/package-lock.json:1',
    ])
      expect(entry?.why).toContain(why)
  })

  it('names a folder that may not be read', async () => {
    await put('closed/package-lock.json')
    await chmod(root, 0o755)
    await chmod(join(root, 'closed'), 0)
    // Root may read everything: then somebody else has to look.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65_534)
    const { ledger } = await scan().finally(() => {
      if (isRoot) process.seteuid?.(0)
    })
    expect(ledger[0]?.why).toBe('closed/: may not be read')
  })

  it('takes single files, and tells folders of the same name apart', async () => {
    await put('a/web/package-lock.json')
    await put('b/web/package-lock.json')
    await put('c/package-lock.json')
    const { findings, ledger } = await scan([
      join(root, 'a/web'),
      join(root, 'b/web'),
      join(root, 'c/package-lock.json'),
    ])
    expect(findings).toHaveLength(3)
    expect(ledger.map(({ repository }) => repository)).toEqual([
      join(root, 'a/web'),
      join(root, 'b/web'),
      'package-lock.json',
    ])
  })

  it('counts what is given twice once, by the first name given', async () => {
    await put('one/package-lock.json')
    await symlink(join(root, 'one'), join(root, 'link'))
    const one = join(root, 'one')
    const { findings, ledger } = await scan([one, `${one}/`, join(root, 'link'), join(one, '..', 'one')])
    expect(ledger).toEqual([{ repository: 'one', status: 'scanned' }])
    expect(findings).toHaveLength(1)
  })

  it('counts a folder without dependency files as skipped', async () => {
    expect((await scan()).ledger[0]).toMatchObject({ status: 'skipped', why: 'no dependency file that is read' })
  })

  it('refuses a path that is not there, and stops when its signal aborts', async () => {
    await expect(scan([join(root, 'nowhere')])).rejects.toThrow(
      `Cannot scan ${join(root, 'nowhere')}: it is not there.`,
    )
    await put('package-lock.json')
    const reason = new Error('stop')
    await expect(scan([root], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
