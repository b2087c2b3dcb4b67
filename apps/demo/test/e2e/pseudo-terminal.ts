import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

import { BUILT, programEnvironment, type Run } from './run-program.ts'

export const hasPseudoTerminal: boolean = spawnSync('script', ['--version']).status === 0

/** Starts the program on a terminal of its own, by util-linux's `script`: what it shows comes as stdout. */
export function startOnTerminal(
  words: readonly string[],
  { env = {}, columns = 80 }: { env?: Readonly<Record<string, string>>; columns?: number } = {},
): { child: ChildProcess; type: (text: string) => void; shows: (text: string) => Promise<void>; ended: Promise<Run> } {
  const quoted = [process.execPath, BUILT, ...words].map((word) => `'${word}'`).join(' ')
  const command = `stty cols ${columns} rows 20; exec ${quoted}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: programEnvironment({ TERM: 'xterm', ...env }),
    stdio: 'pipe',
  })
  let stdout = ''
  const waiting: { text: string; resolve: () => void }[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const one of waiting) if (stdout.includes(one.text)) one.resolve()
  })
  const ended = new Promise<Run>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr: '' })
    })
  })
  return {
    child,
    ended,
    type: (text) => child.stdin.write(text),
    shows: (text) =>
      stdout.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.push({ text, resolve })),
  }
}
