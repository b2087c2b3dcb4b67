import { ok } from 'node:assert/strict'

import { IocCatalog } from '@x/github-batch'
import { type LockedPackage, parseLockfile } from '@x/lockfiles'
import { extractPkgsFromYarnLockV1, getPnpmLockfileParser } from 'snyk-nodejs-lockfile-parser'
import { parse as parseYaml } from 'yaml'

import { type Benchmark, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'

const NPM_PACKAGES = 22_000
const PNPM_PACKAGES = 16_800
/** The library yaml takes seconds for one reading of more. */
const MOST_YAML_PACKAGES = 1_680
const YARN_PACKAGES = 8_000
const REPOSITORIES = 1_000
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

const npmLockfile = (count: number): string => {
  const packages = numbered(count, (index): [string, unknown] => [
    `node_modules/package-${index}`,
    {
      version: versionOf(index),
      resolved: addressOf(index),
      integrity: HASH,
      license: 'MIT',
      dependencies: {
        [`package-${(index * 7) % count}`]: '^1.0.0',
        [`package-${(index * 11) % count}`]: '~2.0.0',
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

const yarnLockfile = (count: number): string => {
  const entries = numbered(count, (index) => {
    return `package-${index}@^${versionOf(index)}:\n  version "${versionOf(index)}"\n  resolved "${addressOf(index)}#00"\n  integrity ${HASH}\n`
  })
  return `# yarn lockfile v1\n\n\n${entries.join('\n')}`
}

interface Reading {
  readonly name: string
  readonly fileName: string
  readonly packages: number
  readonly write: (packages: number) => string
  readonly others: readonly { name: string; role: 'peer' | 'limit'; read: (text: string) => unknown }[]
  readonly targets: Benchmark['targets']
}

function reading({ name, fileName, packages, write, others, targets }: Reading): Benchmark {
  let text: string | undefined
  const written = (): string => (text ??= write(packages))
  return {
    name: `${name}, ${countText(packages)} packages`,
    unit: 'package',
    operations: packages,
    series: { name: `${name}, by packages`, size: packages },
    targets,
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

function packageLock(packages: number): Benchmark {
  return reading({
    name: 'package-lock.json',
    fileName: 'package-lock.json',
    packages,
    write: npmLockfile,
    others: [{ name: 'JSON.parse alone', role: 'limit', read: (text) => JSON.parse(text) as unknown }],
    targets: [{ against: 'the raw limit', ratio: 1 / 1.5 }],
  })
}

function pnpmLock(packages: number): Benchmark {
  const isForYaml = packages <= MOST_YAML_PACKAGES
  return reading({
    name: 'pnpm-lock.yaml',
    fileName: 'pnpm-lock.yaml',
    packages,
    write: pnpmLockfile,
    others: [
      { name: 'snyk-nodejs-lockfile-parser', role: 'peer', read: (text) => getPnpmLockfileParser(text) },
      ...(isForYaml
        ? [{ name: 'parse of yaml', role: 'peer' as const, read: (text: string) => parseYaml(text) as unknown }]
        : []),
    ],
    targets: [
      { against: 'snyk-nodejs-lockfile-parser', ratio: 1 },
      ...(isForYaml ? [{ against: 'parse of yaml', ratio: 10 }] : []),
    ],
  })
}

function yarnLock(packages: number): Benchmark {
  return reading({
    name: 'yarn.lock of yarn 1',
    fileName: 'yarn.lock',
    packages,
    write: yarnLockfile,
    others: [{ name: 'snyk-nodejs-lockfile-parser', role: 'peer', read: (text) => extractPkgsFromYarnLockV1(text) }],
    targets: [{ against: 'the best peer', ratio: 1 }],
  })
}

/** What each repository pins. */
function inventoriesOf(repositories: number): LockedPackage[][] {
  return numbered(repositories, (repository) =>
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
}

function matching(repositories: number): Benchmark {
  let inventories: readonly LockedPackage[][] = []
  const iocs = numbered(10 * repositories, (index) => ({
    ecosystem: 'npm' as const,
    // A tenth of them is in use.
    name: index % 10 === 0 ? `package-${index * 6}` : `bad-${index}`,
    version: versionOf(index),
    source: 'list',
  }))
  const catalog = new IocCatalog(iocs)
  const names = new Set(iocs.map(({ name }) => name))
  const count = (find: (inventory: LockedPackage[]) => number): number =>
    inventories.reduce((sum, inventory) => sum + find(inventory), 0)
  return {
    name: `${countText(repositories)} inventories of 2,000 packages against ${countText(iocs.length)} IOCs`,
    unit: 'package',
    operations: 2_000 * repositories,
    series: { name: 'inventories of 2,000 packages against ten times as many IOCs', size: repositories },
    ...(repositories === REPOSITORIES ? { targets: [{ mostMs: 200 }] } : {}),
    contestants: [
      {
        name: 'IocCatalog of @x/github-batch',
        role: 'ours',
        // Millions of objects: only while they are needed, as they slow the collector.
        open: () => {
          inventories = inventoriesOf(repositories)
        },
        close: () => {
          inventories = []
        },
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
export function lockfilesBenchmarks(scale: Scale): readonly Benchmark[] {
  return [
    ...decadesTo(NPM_PACKAGES, scale).map(packageLock),
    ...decadesTo(PNPM_PACKAGES, scale).map(pnpmLock),
    ...decadesTo(YARN_PACKAGES, scale).map(yarnLock),
    ...decadesTo(REPOSITORIES, scale).map(matching),
  ]
}
