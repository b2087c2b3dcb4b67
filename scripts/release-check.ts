// Does a whole release against a registry on this machine, from versions and changelogs to a stranger's project that uses
// one package alone. Nothing of the working tree is changed, and nothing leaves the machine.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { useAlone } from './release/consumer-project.ts'
import { startLocalRegistry } from './release/local-registry.ts'
import { checkPublishedPackage } from './release/published-package.ts'
import { run } from './release/run.ts'
import { copyWorkspace } from './release/workspace-copy.ts'

const root = resolve(import.meta.dirname, '..')
const work = mkdtempSync(join(tmpdir(), 'x-release-'))
const copy = join(work, 'workspace')

try {
  await main()
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function main(): Promise<void> {
  copyWorkspace(root, copy)
  const texts = changesetTexts()
  // Right after a release nothing is pending, and the versions are those of the tree.
  if (texts.length > 0) run('pnpm', ['changeset', 'version'], { cwd: copy })
  const names = checkVersions(texts)
  run('pnpm', ['build'], { cwd: copy })

  using registry = await startLocalRegistry(join(work, 'registry'))
  run('pnpm', ['changeset', 'publish'], { cwd: copy, env: registry.env })
  for (const name of names) {
    const { manifest, files, size } = checkPublishedPackage(name, join(work, 'tarballs', name), {
      root: copy,
      env: registry.env,
    })
    const tree = useAlone(manifest, join(work, 'projects', name), { root: copy, env: registry.env })
    const kibibytes = (size / 1_024).toFixed(0)
    console.log(`${name}@${manifest.version}: ${files.length} files, ${kibibytes} KiB; installs ${tree.join(' ')}`)
  }
}

/** What each pending changeset says, without its head. */
function changesetTexts(): string[] {
  return globSync('.changeset/*.md', { cwd: copy }).map((file) =>
    readFileSync(join(copy, file), 'utf8')
      .replace(/^---\n.*?\n---\n/s, '')
      .trim(),
  )
}

/** Every text has become part of a changelog, and every package has a version; answers the packages' names. */
function checkVersions(texts: readonly string[]): string[] {
  const changelogs = globSync('packages/*/CHANGELOG.md', { cwd: copy })
    .map((file) => readFileSync(join(copy, file), 'utf8'))
    .join('\n')
  // Changelogs indent what follows the first line.
  const flat = changelogs.replaceAll(/\s+/g, ' ')
  const lost = texts.filter((text) => !flat.includes(text.replaceAll(/\s+/g, ' ')))
  if (lost.length > 0) throw new Error(`No changelog has: ${lost.join('\n')}`)
  return globSync('packages/*/package.json', { cwd: copy })
    .sort()
    .map((file) => {
      const { name, version } = JSON.parse(readFileSync(join(copy, file), 'utf8')) as { name: string; version: string }
      if (version === '0.0.0') throw new Error(`${name} has no changeset, and so no version.`)
      return name
    })
}
