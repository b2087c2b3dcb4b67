import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { run } from './run.ts'

const AUTHOR = ['-c', 'user.name=check', '-c', 'user.email=check@localhost']

/** Copies what git tracks, and what it would, into a repository of its own with everything installed. */
export async function copyWorkspace(root: string, folder: string): Promise<void> {
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const files = await run('git', listed, { cwd: root })
  const deleted = new Set((await run('git', ['ls-files', '-z', '--deleted'], { cwd: root })).split('\0'))
  for (const file of files.split('\0')) {
    if (file === '' || deleted.has(file)) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file), { verbatimSymlinks: true })
  }
  const inFolder = { cwd: folder }
  await run('git', ['init', '--quiet', '--initial-branch', 'main'], inFolder)
  await run('git', ['add', '--all'], inFolder)
  await run('git', [...AUTHOR, 'commit', '--quiet', '-m', 'What is released'], inFolder)
  await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], inFolder)
}
