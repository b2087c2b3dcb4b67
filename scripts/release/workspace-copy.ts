import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { run } from './run.ts'

/** Copies what git tracks, and what it would, into a repository of its own with everything installed. */
export function copyWorkspace(root: string, folder: string): void {
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    cwd: root,
  })
  const deleted = new Set(run('git', ['ls-files', '-z', '--deleted'], { cwd: root }).split('\0'))
  for (const file of files.split('\0')) {
    if (file === '' || deleted.has(file)) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file), { verbatimSymlinks: true })
  }
  run('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: folder })
  run('git', ['add', '--all'], { cwd: folder })
  run(
    'git',
    ['-c', 'user.name=check', '-c', 'user.email=check@localhost', 'commit', '--quiet', '-m', 'What is released'],
    {
      cwd: folder,
    },
  )
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], { cwd: folder })
}
