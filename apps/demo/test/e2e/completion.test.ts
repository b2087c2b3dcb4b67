import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { COMMANDS } from '../../src/commands/command-table.ts'
import { runProgram } from './run-program.ts'

/** What bash offers for a line, by the script that the program prints. */
async function offersOf(script: string, ...words: readonly string[]): Promise<string[]> {
  const quoted = ['x-demo', ...words].map((word) => `'${word}'`).join(' ')
  const probe = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _x_demo; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', probe])
  return stdout.trim().split('\n')
}

describe('completion', () => {
  it('completes commands, options and values in bash', async () => {
    const { stdout: script } = await runProgram(['completion', 'bash'])
    expect(await offersOf(script, 's')).toEqual(['scan', 'serve'])
    expect(await offersOf(script, 'serve', '')).toContain('github')
    expect(await offersOf(script, '--debug', 'scan', '--inc')).toEqual(['--include-archived', '--include-forks'])
    expect(await offersOf(script, 'scan', '--format', 's')).toEqual(['sarif'])
    expect(await offersOf(script, 'scan', '--format', '=')).toContain('table')
    expect(await offersOf(script, 'scan', '--format', '=', 's')).toEqual(['sarif'])
    expect(await offersOf(script, 'scan', '--format=s')).toEqual(['--format=sarif'])
    expect(await offersOf(script, 'scan', '--org', '')).toEqual([''])
    expect(await offersOf(script, 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
    expect(await offersOf(script, 'scan', '--ioc', '/etc/host')).toContain('/etc/hosts')
  })

  it('asks of zsh nothing that only bash has', async () => {
    const { stdout } = await runProgram(['completion', 'zsh'])
    expect(stdout).toContain('bashcompinit')
    expect(stdout).not.toMatch(/\b(mapfile|readarray)\b/)
  })

  it('knows every option of every command in each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout, code } = await runProgram(['completion', shell])
      expect(code).toBe(0)
      const options = COMMANDS.flatMap((command) => Object.keys(command.options))
      for (const option of options) expect(stdout).toContain(shell === 'fish' ? `-l ${option} ` : `--${option}`)
    }
  })
})
