import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { checkWithTools } from '../release/published-package.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const EXPORTS = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }

/** A tarball as npm makes it. */
function tarball({
  exports = EXPORTS,
  types = 'export declare const it: number\n',
}: {
  exports?: object
  types?: string
}): string {
  const folder = mkdtempSync(join(tmpdir(), 'x-tarball-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(join(folder, 'package', 'dist'), { recursive: true })
  const manifest = { name: 'it', version: '1.0.0', type: 'module', license: 'MIT', files: ['dist'], exports }
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package', 'dist', 'index.js'), 'export const it = 1\n')
  writeFileSync(join(folder, 'package', 'dist', 'index.d.ts'), types)
  execFileSync('tar', ['-czf', 'it.tgz', 'package'], { cwd: folder })
  return join(folder, 'it.tgz')
}

describe('checkWithTools()', () => {
  it('has nothing to say of a package that is right', async () => {
    await checkWithTools(tarball({}), ROOT)
  })

  it('refuses what publint finds: types that are not there', async () => {
    const exports = { '.': { types: './dist/gone.d.ts', default: './dist/index.js' } }
    await expect(checkWithTools(tarball({ exports }), ROOT)).rejects.toThrow(/publint [^]*gone\.d\.ts/)
  })

  it('refuses what attw finds: types that lead nowhere', async () => {
    const types = "export * from './gone'\n"
    await expect(checkWithTools(tarball({ types }), ROOT)).rejects.toThrow(/attw [^]*Internal resolution error/)
  })
})
