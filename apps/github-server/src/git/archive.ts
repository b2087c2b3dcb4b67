import { spawn } from 'node:child_process'

import { gitEnvironment } from './git-environment.ts'
import { outputOf, type StreamedAnswer } from './streamed-answer.ts'

/** A commit's files as a gzipped tar, below one folder, by `git archive`. */
export function streamArchive(gitDir: string, commit: string, folder: string): StreamedAnswer {
  const options = ['archive', '--format=tar.gz', `--prefix=${folder}/`, commit]
  const child = spawn('git', [`--git-dir=${gitDir}`, ...options], { env: gitEnvironment() })
  child.stdin.end()
  return {
    status: 200,
    headers: {
      'content-type': 'application/x-gzip',
      'content-disposition': `attachment; filename=${encodeURIComponent(folder)}.tar.gz`,
    },
    body: outputOf(child),
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}
