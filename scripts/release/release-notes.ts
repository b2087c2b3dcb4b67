import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What each pending changeset of a workspace says, without its head. */
export function changesetTexts(root: string): string[] {
  return globSync('.changeset/*.md', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8')
      .replace(/^---\n.*?\n---\n/s, '')
      .trim(),
  )
}

/** @throws an error with the texts that have become part of no changelog. */
export function checkChangelogs(root: string, texts: readonly string[]): void {
  const changelogs = globSync('packages/*/CHANGELOG.md', { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  // Changelogs indent what follows the first line.
  const flat = changelogs.replaceAll(/\s+/g, ' ')
  const lost = texts.filter((text) => !flat.includes(text.replaceAll(/\s+/g, ' ')))
  if (lost.length > 0) throw new Error(`No changelog has: ${lost.join('\n')}`)
}

/**
 * The versions of a workspace's packages, by name.
 *
 * @throws an error that names a package without one.
 */
export function versionsOf(root: string): Map<string, string> {
  const manifests = globSync('packages/*/package.json', { cwd: root }).map(
    (file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string; version: string },
  )
  const missing = manifests.filter(({ version }) => version === '0.0.0')
  if (missing.length > 0)
    throw new Error(`No changeset, and so no version: ${missing.map(({ name }) => name).join(' ')}`)
  return new Map(manifests.map(({ name, version }) => [name, version] as const).sort())
}
