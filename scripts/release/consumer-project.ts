import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { readmeExamples } from '../readme-examples.ts'
import { LICENCES } from './package-table.ts'
import { type PublishedManifest } from './published-package.ts'
import { run, type RunOptions } from './run.ts'

/** Their first examples speak to a server; the packages' own tests run them. */
const NEED_A_SERVER: ReadonlySet<string> = new Set(['@x/cache-redis', '@x/github-batch'])

/** Everything that an installation brought: `name@version`, sorted. */
export type InstalledTree = readonly string[]

/**
 * Installs one package alone into an empty project, as a stranger would, and uses it there: by `import`, by `require`,
 * from TypeScript under both module resolutions, and as its README begins.
 */
export function useAlone(manifest: PublishedManifest, project: string, { root, env }: Surroundings): InstalledTree {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const inProject: RunOptions = { cwd: project, env }
  run('npm', ['install', manifest.name, '--no-audit', '--no-fund', '--loglevel=error'], inProject)
  const tree = installedTree(project)
  for (const entry of Object.keys(manifest.exports)) {
    if (entry !== './package.json') useEntry(manifest.name + entry.slice(1), inProject, root)
  }
  if (!NEED_A_SERVER.has(manifest.name)) runFirstExample(manifest.name, inProject)
  return tree
}

/** Where the compiler and the registry are. */
interface Surroundings {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
}

function installedTree(project: string): InstalledTree {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; license?: string; optional?: boolean }>
  }
  const installed = Object.entries(lock.packages).filter(([path]) => path !== '')
  const unknown = installed.filter(([path, { license }]) => !path.includes('@x/') && !LICENCES.has(license ?? ''))
  if (unknown.length > 0) {
    throw new Error(
      `Licences to decide on: ${unknown.map(([path, { license }]) => `${path}: ${license ?? 'none'}`).join(', ')}`,
    )
  }
  return installed.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`).sort()
}

function useEntry(specifier: string, inProject: RunOptions, root: string): void {
  const project = inProject.cwd
  const use = `if (Object.keys(it).length === 0) throw new Error('${specifier} has no exports')\n`
  writeFileSync(join(project, 'import.mjs'), `import * as it from '${specifier}'\n${use}`)
  writeFileSync(join(project, 'require.cjs'), `const it = require('${specifier}')\n${use}`)
  writeFileSync(
    join(project, 'use.ts'),
    `import * as it from '${specifier}'\nexport const names: string[] = Object.keys(it)\n`,
  )
  run('node', ['import.mjs'], inProject)
  run('node', ['require.cjs'], inProject)
  addNodeTypes(project, root)
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--lib',
      'es2024,esnext.disposable',
      '--types',
      'node',
    ]
    const modules = ['--module', module, '--moduleResolution', moduleResolution]
    run(join(root, 'node_modules', '.bin', 'tsc'), [...options, ...modules, 'use.ts'], inProject)
  }
}

/** What a project on Node has anyway. */
function addNodeTypes(project: string, root: string): void {
  const types = join(root, 'node_modules', '@types', 'node')
  const copy = { recursive: true, dereference: true }
  cpSync(types, join(project, 'node_modules', '@types', 'node'), copy)
  const undici = join(root, 'node_modules', '.pnpm', 'node_modules', 'undici-types')
  cpSync(undici, join(project, 'node_modules', 'undici-types'), copy)
}

function runFirstExample(name: string, inProject: RunOptions): void {
  const [example] = readmeExamples(join(inProject.cwd, 'node_modules', name))
  if (example === undefined) throw new Error(`The README of ${name} has no example.`)
  const file = join(inProject.cwd, 'example.ts')
  writeFileSync(file, example.code)
  const printed = run('node', [file], inProject).trimEnd()
  if (printed !== example.output) throw new Error(`The first example of ${name} printed:\n${printed}`)
}
