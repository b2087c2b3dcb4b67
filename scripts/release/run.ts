import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** How a command of a check is run. */
export interface RunOptions {
  readonly cwd: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs a command to its end and answers what it printed.
 *
 * @throws an error with all that it said, where it fails.
 */
export async function run(command: string, words: readonly string[], { cwd, env = {} }: RunOptions): Promise<string> {
  const running = promisify(execFile)(command, words, {
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1_024 * 1_024,
  })
  // Nobody answers a question.
  running.child.stdin?.end()
  try {
    return (await running).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`Failed: ${[command, ...words].join(' ')}\n${stdout}${stderr}`, { cause: error })
  }
}
