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

describe('a package-lock.json of version 2', () => {
  it('has a problem with a package that stands only in the section that npm 6 installs from', () => {
    const packages = { '': {}, 'node_modules/a': { version: '1.0.0' } }
    const dependencies = { a: { version: '1.0.0', dependencies: { evil: { version: '6.6.6' } } } }
    expect(reasons('package-lock.json', JSON.stringify({ lockfileVersion: 2, packages, dependencies }))).toEqual([
      'evil 6.6.6 stands only in "dependencies", which npm 6 installs from.',
    ])
  })
})

it('refuses a version with something behind it', () => {
  expect(reasons('package-lock.json', npm(3, 'a', { version: '1.0.0 ' }))).toHaveLength(1)
})
