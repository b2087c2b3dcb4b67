import { ok } from 'node:assert/strict'

import { IocCatalog } from '@x/github-batch'
import { parseLockfile } from '@x/lockfiles'
import { extractPkgsFromYarnLockV1, getPnpmLockfileParser } from 'snyk-nodejs-lockfile-parser'
import { parse as parseYaml } from 'yaml'

import { type Benchmark } from '../benchmark.ts'

const NPM_PACKAGES = 22_000
const PNPM_PACKAGES = 16_800
/** The library yaml takes minutes for all rounds of 5 MB. */
const FEW_PNPM_PACKAGES = 1_680
const YARN_PACKAGES = 8_000
const HASH = `sha512-${'A'.repeat(86)}==`

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function versionOf(index: number): string {
  return `${index % 9}.${index % 7}.${index % 5}`
}

function addressOf(index: number): string {
  return `https://registry.example/package-${index}/-/package-${index}-${versionOf(index)}.tgz`
}

const npmLockfile = (): string => {
  const packages = numbered(NPM_PACKAGES, (index): [string, unknown] => [
    `node_modules/package-${index}`,
    {
      version: versionOf(index),
      resolved: addressOf(index),
      integrity: HASH,
      license: 'MIT',
      dependencies: {
        [`package-${(index * 7) % NPM_PACKAGES}`]: '^1.0.0',
        [`package-${(index * 11) % NPM_PACKAGES}`]: '~2.0.0',
      },
      engines: { node: '>=12' },
    },
  ])
  return JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...Object.fromEntries(packages) } }, undefined, 2)
}

const pnpmLockfile = (count: number): string => {
  const packages = numbered(count, (index) => {
    return `  package-${index}@${versionOf(index)}:\n    resolution: {integrity: ${HASH}}\n    engines: {node: '>=12'}\n`
  })
  const snapshots = numbered(count, (index) => {
    const other = (index * 7) % count
    return `  package-${index}@${versionOf(index)}:\n    dependencies:\n      package-${other}: ${versionOf(other)}\n`
  })
  return `lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n\n${packages.join('\n')}\nsnapshots:\n\n${snapshots.join('\n')}`
}

const yarnLockfile = (): string => {
  const entries = numbered(YARN_PACKAGES, (index) => {
    return `package-${index}@^${versionOf(index)}:\n  version "${versionOf(index)}"\n  resolved "${addressOf(index)}#00"\n  integrity ${HASH}\n`
  })
  return `# yarn lockfile v1\n\n\n${entries.join('\n')}`
}

interface Reading {
  readonly name: string
  readonly fileName: string
  readonly packages: number
  readonly write: () => string
  readonly others: readonly { name: string; role: 'peer' | 'limit'; read: (text: string) => unknown }[]
}

function reading({ name, fileName, packages, write, others }: Reading): Benchmark {
  let text: string | undefined
  const written = (): string => (text ??= write())
  return {
    name: `lockfiles: ${name}`,
    unit: 'package',
    operations: packages,
    repeats: 1,
    maxRounds: 3,
    contestants: [
      { name: '@x/lockfiles', role: 'ours', run: () => parseLockfile(fileName, written()).packages },
      ...others.map(({ name: other, role, read }) => ({ name: other, role, run: () => read(written()) })),
    ],
    check: (answer) => {
      if (Array.isArray(answer)) ok(answer.length === packages)
      else ok(typeof answer === 'object' && answer !== null)
    },
  }
}

function matching(): Benchmark {
  const inventories = numbered(1_000, (repository) =>
    numbered(2_000, (index) => ({
      name: `package-${(repository * 37 + index * 7) % 60_000}`,
      version: versionOf(index),
      ecosystem: 'npm' as const,
      line: 1,
      direct: false,
      dev: false,
      source: 'registry' as const,
    })),
  )
  const iocs = numbered(10_000, (index) => ({
    ecosystem: 'npm' as const,
    // A tenth of them is in use.
    name: index % 10 === 0 ? `package-${index * 6}` : `bad-${index}`,
    version: versionOf(index),
    source: 'list',
  }))
  const catalog = new IocCatalog(iocs)
  const names = new Set(iocs.map(({ name }) => name))
  const count = (find: (inventory: (typeof inventories)[number]) => number): number =>
    inventories.reduce((sum, inventory) => sum + find(inventory), 0)
  return {
    name: 'lockfiles: 1,000 inventories of 2,000 packages against 10,000 IOCs',
    unit: 'package',
    operations: 2_000_000,
    repeats: 1,
    maxRounds: 5,
    contestants: [
      {
        name: 'IocCatalog of @x/github-batch',
        role: 'ours',
        run: () => count((packages) => catalog.match(packages).length),
      },
      {
        name: 'a Set of the names alone',
        role: 'limit',
        run: () => count((packages) => packages.filter(({ name }) => names.has(name)).length),
      },
    ],
    check: (found) => {
      ok(typeof found === 'number' && found > 0)
    },
  }
}

/** Reading large lockfiles, and matching what they hold. What snyk-nodejs-lockfile-parser is timed for is its reading alone, without the graph. */
export const LOCKFILES_BENCHMARKS: readonly Benchmark[] = [
  reading({
    name: 'package-lock.json of 10 MB',
    fileName: 'package-lock.json',
    packages: NPM_PACKAGES,
    write: npmLockfile,
    others: [{ name: 'JSON.parse alone', role: 'limit', read: (text) => JSON.parse(text) as unknown }],
  }),
  reading({
    name: 'pnpm-lock.yaml of 5 MB',
    fileName: 'pnpm-lock.yaml',
    packages: PNPM_PACKAGES,
    write: () => pnpmLockfile(PNPM_PACKAGES),
    others: [{ name: 'snyk-nodejs-lockfile-parser', role: 'peer', read: (text) => getPnpmLockfileParser(text) }],
  }),
  reading({
    name: 'pnpm-lock.yaml of 0.5 MB',
    fileName: 'pnpm-lock.yaml',
    packages: FEW_PNPM_PACKAGES,
    write: () => pnpmLockfile(FEW_PNPM_PACKAGES),
    others: [{ name: 'parse of yaml', role: 'peer', read: (text) => parseYaml(text) as unknown }],
  }),
  reading({
    name: 'yarn.lock of yarn 1, 2 MB',
    fileName: 'yarn.lock',
    packages: YARN_PACKAGES,
    write: yarnLockfile,
    others: [{ name: 'snyk-nodejs-lockfile-parser', role: 'peer', read: (text) => extractPkgsFromYarnLockV1(text) }],
  }),
  matching(),
]
