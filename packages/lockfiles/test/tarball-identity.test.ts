import { describe, expect, it } from 'vitest'

import { parseLockfile } from '../src/index.ts'

const REGISTRY = 'https://registry.example'

function npm(version: 1 | 2 | 3, name: string, fields: Record<string, unknown>): string {
  return version === 1
    ? JSON.stringify({ lockfileVersion: 1, dependencies: { [name]: fields } })
    : JSON.stringify({ lockfileVersion: version, packages: { [`node_modules/${name}`]: fields } })
}

function pnpm(name: string, version: string, tarball: string): string {
  return `lockfileVersion: '9.0'\npackages:\n  ${name}@${version}:\n    resolution: {integrity: sha512-x, tarball: ${tarball}}\nsnapshots:\n  ${name}@${version}: {}\n`
}

function classic(key: string, version: string, tarball: string): string {
  return `# yarn lockfile v1\n\n${key}:\n  version "${version}"\n  resolved "${tarball}"\n`
}

function berry(resolution: string): string {
  return `__metadata:\n  version: 8\n\n"safe@npm:1.0.0":\n  version: 1.0.0\n  resolution: "${resolution}"\n  languageName: node\n`
}

function reasons(path: string, text: string): string[] {
  return parseLockfile(path, text).problems.map(({ reason }) => reason)
}

function identities(path: string, text: string): string[] {
  return parseLockfile(path, text).packages.map(({ name, version, source }) => `${name}@${version} ${source}`)
}

// What is fetched is what is installed: npm and its like take the tarball, whatever the entry says.
describe('a package and the tarball that it comes from', () => {
  const scoped = `${REGISTRY}/@ctrl/tinycolor/-/tinycolor-4.1.1.tgz`
  const newer = `${REGISTRY}/stream/-/stream-3.3.6.tgz`
  it.each([
    [
      'npm 3, a scope left out',
      'package-lock.json',
      npm(3, 'tinycolor', { version: '4.1.1', resolved: scoped }),
      '@ctrl/tinycolor 4.1.1',
    ],
    [
      'npm 1, a scope left out',
      'package-lock.json',
      npm(1, 'tinycolor', { version: '4.1.1', resolved: scoped }),
      '@ctrl/tinycolor 4.1.1',
    ],
    ['pnpm, a scope left out', 'pnpm-lock.yaml', pnpm('tinycolor', '4.1.1', scoped), '@ctrl/tinycolor 4.1.1'],
    [
      'npm 3, another version',
      'package-lock.json',
      npm(3, 'stream', { version: '3.3.4', resolved: newer }),
      'stream 3.3.6',
    ],
    [
      'npm 1, another version',
      'package-lock.json',
      npm(1, 'stream', { version: '3.3.4', resolved: newer }),
      'stream 3.3.6',
    ],
    ['pnpm, another version', 'pnpm-lock.yaml', pnpm('stream', '3.3.4', newer), 'stream 3.3.6'],
    ['yarn 1, another version', 'yarn.lock', classic('stream@^3.0.0', '3.3.4', newer), 'stream 3.3.6'],
    [
      'yarn 4, another archive',
      'yarn.lock',
      berry(`safe@npm:1.0.0::__archiveUrl=${encodeURIComponent(`${REGISTRY}/evil/-/evil-1.0.0.tgz`)}`),
      'evil 1.0.0',
    ],
    ['yarn 1, another package', 'yarn.lock', classic('stray@^3.0.0', '3.3.4', newer), 'stream 3.3.6'],
    [
      'Bun, another package',
      'bun.lock',
      JSON.stringify({ lockfileVersion: 1, workspaces: {}, packages: { safe: ['safe@3.3.4', newer, {}, 'sha512-x'] } }),
      'stream 3.3.6',
    ],
  ])('are a problem where they contradict each other, and either is listed: %s', (_, path, text, tarball) => {
    const [stated, fetched] = parseLockfile(path, text).packages
    expect(reasons(path, text)).toEqual([
      `${stated?.name} ${stated?.version} is fetched from a tarball of ${fetched?.name} ${fetched?.version}.`,
    ])
    expect(`${fetched?.name} ${fetched?.version}`).toBe(tarball)
    expect(fetched).toEqual({ ...stated, name: fetched?.name, version: fetched?.version })
  })

  it.each([
    ['a build after the version', npm(3, 'a', { version: '1.0.0+build.1', resolved: `${REGISTRY}/a/-/a-1.0.0.tgz` })],
    ['a scope that is escaped', npm(3, '@s/a', { version: '1.0.0', resolved: `${REGISTRY}/@s%2fa/-/a-1.0.0.tgz` })],
    ['a mirror in a folder', npm(3, 'a', { version: '1.0.0', resolved: `${REGISTRY}/api/npm/all/a/-/a-1.0.0.tgz` })],
  ])('agree with %s', (_, text) => {
    expect(reasons('package-lock.json', text)).toEqual([])
  })

  const evil = `${REGISTRY}/evil/-/evil-1.0.0.tgz`
  it.each([
    ['npm 1', 'package-lock.json', npm(1, 'safe', { version: evil })],
    ['yarn 1', 'yarn.lock', classic(`"safe@${evil}"`, '1.0.0', evil)],
    ['yarn 4', 'yarn.lock', berry(`safe@${evil}`)],
    [
      'pnpm',
      'pnpm-lock.yaml',
      `lockfileVersion: '9.0'\npackages:\n  safe@${evil}:\n    resolution: {tarball: ${evil}}\n    version: 1.0.0\n`,
    ],
  ])('asked for by its address under another name, it is what the address says: %s', (_, path, text) => {
    expect(identities(path, text)).toEqual(['evil@1.0.0 url'])
    expect(reasons(path, text)).toEqual([])
  })

  it('counts as published where one descriptor of several names a folder', () => {
    expect(identities('yarn.lock', classic(`"evil@file:./x", evil@^1.0.0`, '1.0.0', evil))).toEqual([
      'evil@1.0.0 registry',
    ])
  })
})

// Seen of registry.npmjs.org in November 2026: it answers all of these with the tarball of is-odd.
describe('a tarball whose address reads otherwise than it is fetched', () => {
  const addresses = [
    '/ms/-/../../is-odd/-/is-odd-3.0.1.tgz',
    '/ms/-/%2e%2E/.%2e/is-odd/-/is-odd-3.0.1.tgz',
    String.raw`/ms/-/..\..\is-odd\-\is-odd-3.0.1.tgz`,
    String.raw`/ms/-/ms-2.1.2\..\..\..\is-odd\-\is-odd-3.0.1.tgz`,
    '/ms/-/..%2f..%2Fis-odd/-/is-odd-3.0.1.tgz',
    '/ms%5c..%5Cis-odd/-/is-odd-3.0.1.tgz',
    '/is%2Dodd/-/is-odd-3.0.1.tgz',
    '/is%252dodd/-/is-odd-3.0.1.tgz',
    '/is-odd/-%2fis-odd-3.0.1%2etgz',
    '/is-odd/-/./is-odd-3.0.1.tgz',
    '/is-\todd/-/is-\nodd-3.0.1.tgz',
    '/is-odd/-/is-odd-3.0.1.tgz ',
    '/is-odd/-/is-odd-3.0.1.tgz%09',
    '/is-odd/-/is-odd-3.0.1.tgz\u0001',
    '/ms/-/../../is-odd/-/is-odd-3.0.1.tgz?/ms/-/ms-2.1.2.tgz',
  ]
  const formats: [string, (address: string) => string][] = [
    ['package-lock.json', (address) => npm(3, 'ms', { version: '2.1.2', resolved: address })],
    ['package-lock.json', (address) => npm(1, 'ms', { version: '2.1.2', resolved: address })],
    ['yarn.lock', (address) => classic('ms@^2.0.0', '2.1.2', JSON.stringify(address).slice(1, -1))],
    ['yarn.lock', (address) => berry(`ms@npm:2.1.2::__archiveUrl=${encodeURIComponent(address)}`)],
    ['pnpm-lock.yaml', (address) => pnpm('ms', '2.1.2', JSON.stringify(address))],
    [
      'bun.lock',
      (address) =>
        JSON.stringify({ lockfileVersion: 1, workspaces: {}, packages: { ms: ['ms@2.1.2', address, {}, 'sha512-x'] } }),
    ],
  ]
  it.each(addresses)('is that of the package that is fetched: %j', (path) => {
    for (const [fileName, textOf] of formats) {
      const text = textOf(`https://user:secret@registry.example:8443${path}`)
      expect(reasons(fileName, text)).toEqual(['ms 2.1.2 is fetched from a tarball of is-odd 3.0.1.'])
      expect(identities(fileName, text)).toEqual(['ms@2.1.2 registry', 'is-odd@3.0.1 registry'])
    }
  })

  it.each([
    ['no scope where it has one', 'tinycolor', '/@ctrl/./tinycolor/-/tinycolor-4.1.1.tgz'],
    ['no scope where a backslash is before it', 'tinycolor', String.raw`\@ctrl/tinycolor/-/tinycolor-4.1.1.tgz`],
    ['no scope where that is escaped twice', 'tinycolor', '/%2540ctrl/tinycolor/-/tinycolor-4.1.1.tgz'],
  ])('is not taken for one of a package that has %s', (_, name, path) => {
    const text = npm(3, name, { version: '4.1.1', resolved: `${REGISTRY}${path}` })
    expect(reasons('package-lock.json', text)).toEqual([
      `${name} 4.1.1 is fetched from a tarball of @ctrl/tinycolor 4.1.1.`,
    ])
  })

  it.each(['..', String.raw`x\..\is-odd`, 'is%2Dodd', 'is-\todd'])('is none of %j, which is no name', (name) => {
    const text = npm(3, name, { version: '3.0.1', resolved: `${REGISTRY}/${name}/-/${name}-3.0.1.tgz` })
    expect(reasons('package-lock.json', text)).toEqual([
      `The entry ${JSON.stringify(`node_modules/${name}`)} is not understood: ${JSON.stringify(name)} is no package name.`,
    ])
  })

  it.each([
    '/ms/-/is-odd-3.0.1.tgz',
    '/is-odd/-/ms-2.1.2.tgz',
    '/ms/-/6.0.0/is-odd-3.0.1.tgz',
    '/ms/-/ms.tgz',
    '/is%zzodd/-/is-odd-3.0.1.tgz',
  ])("is a problem where the address is a registry's, and says nothing of what it has: %s", (path) => {
    for (const [fileName, textOf] of formats) {
      const address = `${REGISTRY}${path}`
      const text = textOf(address)
      expect(reasons(fileName, text)).toEqual([
        `ms 2.1.2 is fetched from ${JSON.stringify(address)}, which names no package and version.`,
      ])
      expect(identities(fileName, text)).toHaveLength(1)
    }
  })

  it.each([
    ['an escaped scope', '/@s%2fa/-/a-1.0.0.tgz', '@s/a'],
    ['a scope in the name of the file too', '/npm/repo/@s/a/-/@s/a-1.0.0.tgz', '@s/a'],
    ['a group of GitLab', '/api/v4/groups/1/-/packages/npm/@s/a/-/@s/a-1.0.0.tgz', '@s/a'],
    ['a folder of its version', '/@s/a/-/1.0.0/a-1.0.0.tgz', '@s/a'],
    ['an escaped build', '/a/-/a-1.0.0%2Bbuild.1.tgz', 'a'],
    ['an archive of GitLab', '/o/a/-/archive/v1.0.0/a-v1.0.0.tar.gz', 'a'],
    ['a file in a repository of GitLab', '/o/a/-/raw/main/dist/other.tgz', 'a'],
    ['no suffix', '/F/feed/npm/a/-/1.0.0', 'a'],
  ])('is no problem for an address of %s', (_, path, name) => {
    const text = npm(3, name, { version: '1.0.0', resolved: `${REGISTRY}${path}` })
    expect(reasons('package-lock.json', text)).toEqual([])
  })

  it('is what the fetched address says where it is asked for by address', () => {
    const address = `${REGISTRY}/ms/-/../../evil/-/evil-1.0.0.tgz`
    expect(identities('package-lock.json', npm(1, 'safe', { version: address }))).toEqual(['evil@1.0.0 url'])
    expect(identities('yarn.lock', classic(`"safe@${address}"`, '1.0.0', address))).toEqual(['evil@1.0.0 url'])
  })
})

it('refuses a version with something behind it', () => {
  expect(reasons('package-lock.json', npm(3, 'a', { version: '1.0.0 ' }))).toHaveLength(1)
})
