import { readdir, readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, expect, test } from 'vitest'

import { FINDINGS, MANIFEST_FINDINGS } from '../src/fixture/expected-scan.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/lockfiles/', import.meta.url))
/** Versions that were published by attackers, from public reports of the incidents of 2018 to 2025. */
const BAD_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'event-stream': ['3.3.6'],
  'flatmap-stream': ['0.1.1'],
  'ua-parser-js': ['0.7.29', '0.8.0', '1.0.0'],
  coa: ['2.0.3', '2.0.4', '2.1.1', '2.1.3', '3.0.1', '3.1.3'],
  rc: ['1.2.9', '1.3.9', '2.3.9'],
  chalk: ['5.6.1'],
  debug: ['4.4.2'],
  'ansi-styles': ['6.2.2'],
  'strip-ansi': ['7.1.1'],
  'color-convert': ['3.1.1'],
  'color-name': ['2.0.1'],
  'is-arrayish': ['0.3.3'],
  'simple-swizzle': ['0.2.3'],
  'error-ex': ['1.3.3'],
  'has-ansi': ['6.0.1'],
  'wrap-ansi': ['9.0.1'],
  'ansi-regex': ['6.2.1'],
  'supports-color': ['10.2.1'],
  'slice-ansi': ['7.1.1'],
  'color-string': ['2.1.1'],
  color: ['5.0.1'],
  backslash: ['0.2.1'],
  'chalk-template': ['1.1.1'],
  'supports-hyperlinks': ['4.1.1'],
  'node-ipc': ['10.1.1', '10.1.2', '10.1.3'],
  '@ctrl/tinycolor': ['4.1.1', '4.1.2'],
}

let files: Map<string, string>

beforeAll(async () => {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`)
  files = new Map(
    await Promise.all(paths.map(async (path) => [relative(FOLDER, path), await readFile(path, 'utf8')] as const)),
  )
})

test('every package comes from a host that cannot exist', () => {
  const hosts = new Set<string>()
  for (const text of files.values()) {
    for (const line of text.split('\n').filter((each) => !isSponsorLine(each))) {
      for (const [, host = ''] of line.matchAll(/(?:https?|git|ssh):\/\/([^/"'\s]+)/g)) hosts.add(host)
    }
  }

  expect(hosts).toEqual(new Set(['registry.example', 'downloads.example', 'git.example']))
})

test('no file names the machine it was made on', () => {
  for (const [path, text] of files)
    expect(text, path).not.toMatch(/127\.0\.0\.1|localhost|file:\/|"\/(tmp|root|home)\//)
})

test('every lockfile format is there', () => {
  const openings = [...files]
    .filter(([path]) => /(lock\.json|shrinkwrap\.json|lock\.yaml|\.lock)$/.test(path))
    .map(formatOf)

  expect(new Set(openings)).toEqual(
    new Set(['npm 1', 'npm 2', 'npm 3', 'pnpm 9.0', 'pnpm 9.0, two documents', 'yarn v1', 'yarn 8']),
  )
})

test('listed versions are in the expected files only', () => {
  const found = [...files].flatMap(([path, text]) => badIn(text).map((bad) => `${path} ${bad}`))
  const expected = [...FINDINGS, ...MANIFEST_FINDINGS].map(
    (one) => `${one.repository}/${one.file} ${one.package}@${one.version}`,
  )

  expect(new Set(found)).toEqual(new Set(expected))
})

/** npm copies from each package where its makers take donations. */
function isSponsorLine(line: string): boolean {
  return /^\s*("url": )?"https:\/\/[^"]*",?$/.test(line) && !/registry|downloads|git\./.test(line)
}

function formatOf([path, text]: readonly [string, string]): string {
  if (path.endsWith('.json')) return `npm ${String((JSON.parse(text) as { lockfileVersion: number }).lockfileVersion)}`
  if (path.endsWith('.yaml')) {
    const version = /^lockfileVersion: '(.*)'$/m.exec(text)?.[1] ?? ''
    return `pnpm ${version}${/^---\n[^]*\n---\n/.test(text) ? ', two documents' : ''}`
  }
  return `yarn ${/^# yarn lockfile (v1)$/m.exec(text)?.[1] ?? /^__metadata:\n {2}version: (\d+)$/m.exec(text)?.[1] ?? ''}`
}

/** Pinned as each format writes it: `name@1.0.0`, `/name-1.0.0.tgz`, or the name with the version beside or below it. */
function badIn(text: string): string[] {
  return Object.entries(BAD_VERSIONS).flatMap(([name, versions]) =>
    versions.filter((version) => pins(text, name, version)).map((version) => `${name}@${version}`),
  )
}

function pins(text: string, name: string, version: string): boolean {
  const base = name.slice(name.indexOf('/') + 1)
  const exact = version.replaceAll('.', '\\.')
  const forms = [
    `(?<![\\w/.-])${name}@(npm:)?${exact}(?![\\w.-])`,
    `/${base}-${exact}\\.tgz`,
    `[/"]${name}": \\{\\s*"version": "${exact}"`,
    `"${name}": "${exact}"`,
  ]
  return new RegExp(forms.join('|')).test(text)
}
