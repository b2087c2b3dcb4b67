import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { inject } from 'vitest'

export const BUILT: string = new URL('../../dist/main.js', import.meta.url).pathname
export const SOURCES: string = new URL('../../src/main.ts', import.meta.url).pathname

/** How a run of the program ended. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly main?: string
  readonly input?: string
}

/** Nobody's own: neither a configuration nor a cache of the person who runs the tests is read. */
export const HOME: string = mkdtempSync(join(tmpdir(), 'x-demo-home-'))

export function programEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', HOME, NODE_COMPILE_CACHE: inject('compileCache'), ...more }
}

/** Starts the program as a user's shell would. */
export function startProgram(
  words: readonly string[],
  { env = {}, cwd, main = BUILT, input }: RunOptions = {},
): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [main, ...words], { cwd, env: programEnvironment(env), stdio: 'pipe' })
  const output = { stdout: '', stderr: '' }
  child.stdin.end(input)
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const ended = new Promise<Run>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code, ...output })
    })
  })
  return { child, ended }
}

export function runProgram(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  return startProgram(words, options).ended
}
