import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { checkContent, readContent } from '../release/package-content.ts'
import { checkSizes, packageSizes } from '../release/package-size.ts'

const VERSIONS = new Map([
  ['@x/core', '1.1.0'],
  ['@x/batcher', '1.2.0'],
])

const MANIFEST = {
  name: '@x/batcher',
  version: '1.2.0',
  license: 'MIT',
  dependencies: { '@x/core': '^1.1.0', 'p-limit': '^7.3.0' },
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
}

const GOOD: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify(MANIFEST),
  'README.md': '# It',
  LICENSE: 'MIT',
  'dist/index.js': 'export const it = 1\n//# sourceMappingURL=index.js.map\n',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'], sourcesContent: ['export const it = 1'] }),
  'dist/index.d.ts': 'export declare const it = 1\n',
}

/** An unpacked tarball with these files. */
function unpacked(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'x-content-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

function check(files: Readonly<Record<string, string>>): void {
  checkContent(readContent(unpacked(files)), VERSIONS)
}

function manifest(changes: object): Record<string, string> {
  return { 'package.json': JSON.stringify({ ...MANIFEST, ...changes }) }
}

describe('checkContent()', () => {
  it('has nothing to say of a package that is right', () => {
    check(GOOD)
  })

  it.each<[string, Record<string, string>, string]>([
    ['another version', manifest({ version: '1.1.9' }), '@x/batcher is published as 1.1.9, but 1.2.0 is released.'],
    ['another licence', manifest({ license: 'GPL-3.0' }), '@x/batcher has the licence GPL-3.0, not MIT.'],
    ['a file too many', { 'src/index.ts': '' }, '@x/batcher brings what it should not: src/index.ts'],
    [
      'an export that leads nowhere',
      manifest({ exports: { '.': { types: './dist/index.d.ts', default: './dist/main.js' } } }),
      '@x/batcher exports what it does not bring: ./dist/main.js',
    ],
    ['code without a source map', { 'dist/index.js': '' }, 'dist/index.js of @x/batcher names no source map.'],
    [
      'a source map that is not there',
      { 'dist/index.js': '//# sourceMappingURL=gone.map' },
      'dist/index.js of @x/batcher names the source map gone.map, which is not there.',
    ],
    [
      'a source map without its sources',
      { 'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }) },
      'The source map of dist/index.js of @x/batcher lacks ../src/index.ts',
    ],
    [
      'a dependency that nobody decided on',
      manifest({ dependencies: { 'left-pad': '^1.0.0' } }),
      '@x/batcher depends on left-pad, which its row does not name.',
    ],
    [
      'a range that is no caret range',
      manifest({ dependencies: { 'p-limit': '*' } }),
      '@x/batcher takes p-limit as *, which is no caret range.',
    ],
    [
      'a neighbour of another version',
      manifest({ dependencies: { '@x/core': '^1.0.0' } }),
      '@x/batcher takes @x/core as ^1.0.0, but 1.1.0 is released.',
    ],
    [
      'a package without a row',
      manifest({ name: '@x/new' }),
      '@x/new is published as 1.2.0, but no version is released.',
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => {
      check({ ...GOOD, ...changes })
    }).toThrow(new Error(message))
  })

  it.each(['README.md', 'LICENSE'])('refuses a package without %s', (missing) => {
    const files = Object.fromEntries(Object.entries(GOOD).filter(([file]) => file !== missing))
    expect(() => {
      check(files)
    }).toThrow(`@x/batcher does not bring ${missing}`)
  })
})

describe('packageSizes()', () => {
  it('counts the tarball, its files, and the minified code without what it depends on', async () => {
    const code = `import { pad } from 'left-pad'\n/* ${'x'.repeat(1_000)} */\nexport const it = pad(1)\n`
    const folder = unpacked({ ...GOOD, 'dist/index.js': code, 'it.tgz': '12345' })
    const sizes = await packageSizes(readContent(folder), join(folder, 'it.tgz'))
    expect(sizes.packed).toBe(5)
    expect(sizes.unpacked).toBeGreaterThan(1_000)
    expect(sizes.bundle).toBeLessThan(200)
  })
})

describe('checkSizes()', () => {
  it('refuses a package that is over its budget, and says all sizes', () => {
    expect(() => {
      checkSizes('@x/core', { packed: 1_000, unpacked: 1_000, bundle: 1e9 })
    }).toThrow(
      /^@x\/core is larger than its row in scripts\/release\/package-table\.ts allows: 1\.0 of \d+ kB packed, 1\.0 of \d+ kB unpacked, 1000000\.0 of \d+ kB minified and gzipped$/,
    )
  })
})
