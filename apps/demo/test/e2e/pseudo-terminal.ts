import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

import { BUILT, programEnvironment, type Run } from './run-program.ts'

export const hasPseudoTerminal: boolean = spawnSync('script', ['--version']).status === 0

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  readonly cwd?: string
}

/** A program on a terminal. */
export interface OnTerminal {
  readonly child: ChildProcess
  readonly type: (text: string) => void
  readonly shows: (text: string) => Promise<void>
  readonly ended: Promise<Run>
}

/** Starts the program on a terminal of its own. */
export function startOnTerminal(words: readonly string[], options: TerminalOptions = {}): OnTerminal {
  return startCommandOnTerminal([process.execPath, BUILT, ...words], options)
}

/** Starts any program on a terminal of its own, by util-linux's `script`: what it shows comes as stdout. */
export function startCommandOnTerminal(
  words: readonly string[],
  { env = {}, columns = 80, cwd }: TerminalOptions = {},
): OnTerminal {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const command = `stty cols ${columns} rows 20; exec ${quoted}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd,
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
