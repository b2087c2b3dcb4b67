import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { checkContent, type PackageContent, readContent } from './package-content.ts'
import { checkSizes, packageSizes } from './package-size.ts'
import { type PackageSizes } from './package-table.ts'
import { type Surroundings } from './surroundings.ts'
import { run } from './run.ts'

/** A package as the registry hands it out. */
export interface PublishedPackage extends PackageContent {
  readonly sizes: PackageSizes
}

/** Fetches a package from a registry and checks what is in it, by our rules and by the tools of others. */
export async function checkPublishedPackage(
  name: string,
  folder: string,
  { root, env, versions }: Surroundings,
): Promise<PublishedPackage> {
  mkdirSync(folder, { recursive: true })
  const [packed] = JSON.parse(await run('npm', ['pack', name, '--json'], { cwd: folder, env })) as {
    filename: string
  }[]
  const tarball = join(folder, packed?.filename ?? '')
  await run('tar', ['-xzf', tarball], { cwd: folder })
  const content = readContent(join(folder, 'package'))
  checkContent(content, versions)
  const sizes = await packageSizes(content, tarball)
  checkSizes(name, sizes)
  await checkWithTools(tarball, root)
  return { ...content, sizes }
}

/**
 * What publint and attw have to say of a tarball.
 *
 * @throws an error with it, where it is anything.
 */
export async function checkWithTools(tarball: string, root: string): Promise<void> {
  await run(join(root, 'node_modules', '.bin', 'publint'), ['run', tarball, '--strict'], { cwd: root })
  await run(join(root, 'node_modules', '.bin', 'attw'), [tarball, '--profile', 'esm-only'], { cwd: root })
}
