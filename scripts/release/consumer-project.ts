import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { readmeExamples } from '../readme-examples.ts'
import { type PublishedManifest } from './package-content.ts'
import { LICENCES } from './package-table.ts'
import { run, type RunOptions } from './run.ts'
import { type Surroundings } from './surroundings.ts'

/** Their first examples speak to a server; the packages' own tests run them. */
const NEED_A_SERVER: ReadonlySet<string> = new Set(['@x/cache-redis', '@x/github-batch'])

/** Everything that an installation brought: `name@version`, sorted. */
export type InstalledTree = readonly string[]

/**
 * Installs one package alone into an empty project, as a stranger would, and uses it there: by `import`, by `require`,
 * from TypeScript under both module resolutions, and as its README begins.
 */
export async function useAlone(
  manifest: PublishedManifest,
  project: string,
  { root, env }: Surroundings,
): Promise<InstalledTree> {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const inProject: RunOptions = { cwd: project, env }
  await run('npm', ['install', manifest.name, '--no-audit', '--no-fund', '--loglevel=error'], inProject)
  const tree = installedTree(project)
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json')
  await useEntries(
    entries.map((entry) => manifest.name + entry.slice(1)),
    inProject,
    root,
  )
  if (!NEED_A_SERVER.has(manifest.name)) {
    await checkFirstExample(manifest.name, join(project, 'node_modules', manifest.name), inProject)
  }
  return tree
}

/**
 * Everything that was installed in a project.
 *
 * @throws an error that names packages of others whose licence is none of those that may be brought along.
 */
export function installedTree(project: string): InstalledTree {
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

/** Uses entries by `import`, by `require`, and from TypeScript: all at once, as starting Node and the compiler takes longer than what they do here. */
export async function useEntries(specifiers: readonly string[], inProject: RunOptions, root: string): Promise<void> {
  const project = inProject.cwd
  const imports = specifiers.map((specifier, index) => `import * as it${index} from '${specifier}'\n`).join('')
  const requires = specifiers.map((specifier, index) => `const it${index} = require('${specifier}')\n`).join('')
  const uses = specifiers
    .map(
      (specifier, index) =>
        `if (Object.keys(it${index}).length === 0) throw new Error('${specifier} has no exports')\n`,
    )
    .join('')
  writeFileSync(join(project, 'import.mjs'), imports + uses)
  writeFileSync(join(project, 'require.cjs'), requires + uses)
  writeFileSync(join(project, 'use.ts'), imports + uses)
  await run('node', ['import.mjs'], inProject)
  await run('node', ['require.cjs'], inProject)
  addNodeTypes(project, root)
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2024,esnext.disposable', '--types', 'node']
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const modules = ['--module', module, '--moduleResolution', moduleResolution]
    await run(join(root, 'node_modules', '.bin', 'tsc'), [...options, ...modules, 'use.ts'], inProject)
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

/**
 * The first example in the README of an installed package prints what it promises.
 *
 * @throws an error with what it printed instead.
 */
export async function checkFirstExample(name: string, folder: string, inProject: RunOptions): Promise<void> {
  const [example] = readmeExamples(folder)
  if (example === undefined) throw new Error(`The README of ${name} has no example.`)
  const file = join(inProject.cwd, 'example.ts')
  writeFileSync(file, example.code)
  const printed = (await run('node', [file], inProject)).trimEnd()
  if (printed !== example.output) {
    throw new Error(`The first example of ${name} does not print what it promises, but:\n${printed}`)
  }
}
