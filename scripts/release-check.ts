// Does a whole release against a registry on this machine, from versions and changelogs to a stranger's project that uses
// one package alone. Nothing of the working tree is changed, and nothing leaves the machine.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { useAlone } from './release/consumer-project.ts'
import { startLocalRegistry } from './release/local-registry.ts'
import { sizesText } from './release/package-size.ts'
import { checkPublishedPackage } from './release/published-package.ts'
import { changesetTexts, checkChangelogs, versionsOf } from './release/release-notes.ts'
import { run } from './release/run.ts'
import { type Surroundings } from './release/surroundings.ts'
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
  await copyWorkspace(root, copy)
  const texts = changesetTexts(copy)
  // Right after a release nothing is pending, and the versions are those of the tree.
  if (texts.length > 0) await run('pnpm', ['changeset', 'version'], { cwd: copy })
  checkChangelogs(copy, texts)
  const versions = versionsOf(copy)
  await run('pnpm', ['build'], { cwd: copy })

  using registry = await startLocalRegistry(join(work, 'registry'))
  await run('pnpm', ['changeset', 'publish'], { cwd: copy, env: registry.env })
  const names = [...versions.keys()]
  // Each waits for processes of its own most of the time, so as many as there are processors.
  const check = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      console.log(await checkPackage(name, { root: copy, env: registry.env, versions }))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, check))
}

/** What is published of a package, and what it does for a stranger; answers a line that says so. */
async function checkPackage(name: string, surroundings: Surroundings): Promise<string> {
  const { manifest, files, sizes } = await checkPublishedPackage(name, join(work, 'tarballs', name), surroundings)
  const tree = await useAlone(manifest, join(work, 'projects', name), surroundings)
  return `${name}@${manifest.version}: ${files.length} files, ${sizesText(name, sizes)}; installs ${tree.join(' ')}`
}
