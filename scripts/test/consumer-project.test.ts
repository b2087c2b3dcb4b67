import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { checkFirstExample, installedTree, useEntries } from '../release/consumer-project.ts'

const ROOT = join(import.meta.dirname, '..', '..')

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'x-consumer-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  return folder
}

describe('installedTree()', () => {
  function locked(license: string): string {
    const folder = project()
    const packages = {
      '': {},
      'node_modules/@x/core': { version: '1.0.0', license: 'MIT' },
      'node_modules/a/node_modules/b': { version: '2.0.0', license },
    }
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
    return folder
  }

  it('lists what was installed', () => {
    expect(installedTree(locked('ISC'))).toEqual(['@x/core@1.0.0', 'b@2.0.0'])
  })

  it('refuses a licence that nobody decided on', () => {
    expect(() => installedTree(locked('GPL-3.0'))).toThrow(
      'Licences to decide on: node_modules/a/node_modules/b: GPL-3.0',
    )
  })
})

describe('useEntries()', () => {
  /** A package `it` with types, in a project. */
  function installed(exports: object, code: string, types = 'export declare const it: number\n'): string {
    const folder = project()
    const home = join(folder, 'node_modules', 'it')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'it', type: 'module', exports }))
    writeFileSync(join(home, 'index.js'), code)
    writeFileSync(join(home, 'index.d.ts'), types)
    writeFileSync(join(home, 'inner.d.ts'), 'export declare const inner: number\n')
    return folder
  }
  const use = (cwd: string): Promise<void> => useEntries(['it'], { cwd }, ROOT)

  it('refuses an entry that cannot be loaded', async () => {
    await expect(use(installed({ '.': './gone.js' }, ''))).rejects.toThrow('Cannot find module')
  })

  it('refuses an entry that exports nothing', async () => {
    await expect(use(installed({ '.': './index.js' }, ''))).rejects.toThrow('it has no exports')
  })

  const COMPILES = { timeout: 120_000 }
  const CODE = 'export const it = 1\n'
  const FILES = { types: './index.d.ts', default: './index.js' }

  it('refuses types that nodenext does not find, though bundlers do', COMPILES, async () => {
    const types = "export { inner as it } from './inner'\n"
    await expect(use(installed({ '.': FILES }, CODE, types))).rejects.toThrow(/--module nodenext [^]*error TS2834/)
  })

  it('refuses types that bundlers do not find, though nodenext does', COMPILES, async () => {
    const exports = { '.': { node: FILES } }
    await expect(use(installed(exports, CODE))).rejects.toThrow(/--moduleResolution bundler [^]*error TS2307/)
  })
})

describe('checkFirstExample()', () => {
  function withReadme(text: string): string {
    const folder = project()
    writeFileSync(join(folder, 'README.md'), text)
    return folder
  }

  it.each([
    [
      'does not print what it promises',
      '```ts\nconsole.log(1 + 1) //=> 3\n```\n',
      'does not print what it promises, but:\n2',
    ],
    ['fails', "```ts\nthrow new Error('no server')\n```\n", 'no server'],
    ['is not there', '# it\n', 'The README of it has no example.'],
  ])('refuses an example that %s', async (_, readme, message) => {
    const folder = withReadme(readme)
    await expect(checkFirstExample('it', folder, { cwd: folder })).rejects.toThrow(message)
  })
})
