import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** A process that a test started; it does not outlive the test. */
export interface StartedProcess {
  readonly child: ChildProcess
  /** All that it has written so far. */
  readonly output: () => string
  /** Its exit code; `null` for one that was killed. */
  readonly ended: Promise<number | null>
}

/** Runs a file of this folder with its work as JSON. */
export function startProcess(file: string, work: object): StartedProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, output: () => output, ended }
}
