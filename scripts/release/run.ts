import { execFileSync } from 'node:child_process'

/** How a command of a check is run. */
export interface RunOptions {
  readonly cwd: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command to its end and answers what it printed; where it fails, shows all it said. */
export function run(command: string, words: readonly string[], { cwd, env = {} }: RunOptions): string {
  try {
    return execFileSync(command, words, {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1_024 * 1_024,
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    console.error(`${[command, ...words].join(' ')}\n${stdout}${stderr}`)
    throw error
  }
}
