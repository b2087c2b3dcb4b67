// Proves that each package can be published and used alone: packs it, checks the tarball with publint and attw, installs it
// into an empty project, and uses it there by import, by require, and from TypeScript under both module resolutions.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
  readonly files?: readonly string[]
}

const root = resolve(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const work = mkdtempSync(join(tmpdir(), 'x-packages-'))

try {
  const tarballs = new Map<string, string>()
  const folders = new Map<string, string>()
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const folder = join(root, file, '..')
    const { name } = readManifest(folder)
    folders.set(name, folder)
    tarballs.set(name, pack(folder))
  }
  for (const [name, folder] of folders) check({ name, folder, tarballs, folders })
} finally {
  rmSync(work, { recursive: true, force: true })
}

interface Subject {
  readonly name: string
  readonly folder: string
  readonly tarballs: ReadonlyMap<string, string>
  readonly folders: ReadonlyMap<string, string>
}

function check({ name, tarballs, folders }: Subject): void {
  const tarball = tarballs.get(name) ?? ''
  const published = manifestIn(tarball)
  run(bin('publint'), ['run', tarball, '--strict'])
  run(bin('attw'), [tarball, '--profile', 'esm-only', '--quiet'])

  const project = join(work, name.replace('/', '-'))
  mkdirSync(project)
  const ours = closure(name, folders)
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { [name]: `file:${tarball}` },
      // The neighbours that it names are not in the registry yet.
      overrides: Object.fromEntries(
        ours.filter((other) => other !== name).map((other) => [other, `file:${tarballs.get(other) ?? ''}`]),
      ),
    }),
  )
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], project)
  checkNeighbours(project, ours)
  const entries = Object.keys(published.exports).filter((path) => path !== './package.json')
  for (const entry of entries) useEntry(project, name + entry.slice(1))
  console.log(
    `${name}: ${readFilesOf(tarball).length} files, entries ${entries.join(' ')}, with ${ours.slice(1).join(' ') || 'no neighbours'}`,
  )
}

function useEntry(project: string, specifier: string): void {
  writeFileSync(
    join(project, 'import.mjs'),
    `import * as it from '${specifier}'\nif (Object.keys(it).length === 0) throw new Error('no exports')\n`,
  )
  writeFileSync(
    join(project, 'require.cjs'),
    `const it = require('${specifier}')\nif (Object.keys(it).length === 0) throw new Error('no exports')\n`,
  )
  run('node', ['import.mjs'], project)
  run('node', ['require.cjs'], project)
  writeFileSync(
    join(project, 'use.ts'),
    `import * as it from '${specifier}'\nexport const names: string[] = Object.keys(it)\n`,
  )
  cpSync(join(root, 'node_modules', '@types', 'node'), join(project, 'node_modules', '@types', 'node'), {
    recursive: true,
    dereference: true,
  })
  cpSync(
    join(root, 'node_modules', '@types', 'node', '..', '..', '.pnpm', 'node_modules', 'undici-types'),
    join(project, 'node_modules', 'undici-types'),
    { recursive: true, dereference: true },
  )
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    run(
      bin('tsc'),
      [
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        '--lib',
        'es2024,esnext.disposable',
        '--types',
        'node',
        '--module',
        module,
        '--moduleResolution',
        moduleResolution,
        'use.ts',
      ],
      project,
    )
  }
}

/** Of ours, exactly the packages that its arrows name; of the tool chain, nothing. */
function checkNeighbours(project: string, ours: readonly string[]): void {
  const modules = join(project, 'node_modules')
  const installed = readdirSync(join(modules, '@x')).map((short) => `@x/${short}`)
  if (installed.toSorted().join() !== ours.toSorted().join()) {
    throw new Error(`${ours[0] ?? ''} brings ${installed.join(' ')}, and should bring ${ours.join(' ')}.`)
  }
  const tools = ['typescript', 'vitest', 'tsup', 'turbo', 'eslint'].filter((tool) =>
    readdirSync(modules).includes(tool),
  )
  if (tools.length > 0) throw new Error(`${ours[0] ?? ''} brings the tool chain along: ${tools.join(' ')}.`)
}

/** A package and all of ours that it needs. */
function closure(name: string, folders: ReadonlyMap<string, string>): string[] {
  const found = [name]
  for (const current of found) {
    const dependencies = Object.keys(readManifest(folders.get(current) ?? '').dependencies ?? {})
    found.push(...dependencies.filter((other) => folders.has(other) && !found.includes(other)))
  }
  return found
}

function pack(folder: string): string {
  const output = run('pnpm', ['pack', '--json', '--pack-destination', work], folder)
  const { filename } = JSON.parse(output) as { filename: string }
  const tarball = resolve(folder, filename)
  const strangers = readFilesOf(tarball).filter(
    (file) => !/^package\/(dist\/.+|README\.md|LICENSE|package\.json)$/.test(file),
  )
  if (strangers.length > 0) throw new Error(`${folder} packs what it should not: ${strangers.join(' ')}`)
  for (const needed of ['README.md', 'LICENSE']) {
    if (!readFilesOf(tarball).includes(`package/${needed}`)) throw new Error(`${folder} packs no ${needed}.`)
  }
  return tarball
}

function readFilesOf(tarball: string): string[] {
  return run('tar', ['-tzf', tarball]).trim().split('\n')
}

function manifestIn(tarball: string): Manifest {
  return JSON.parse(run('tar', ['-xzOf', tarball, 'package/package.json'])) as Manifest
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function run(command: string, words: readonly string[], cwd: string = root): string {
  try {
    return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    console.error(`${[command, ...words].join(' ')}\n${stdout}${stderr}`)
    throw error
  }
}
