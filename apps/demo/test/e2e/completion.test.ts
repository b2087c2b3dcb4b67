import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { COMMANDS } from '../../src/commands/command-table.ts'
import { hasPseudoTerminal, startCommandOnTerminal } from './pseudo-terminal.ts'
import { runProgram } from './run-program.ts'

const hasZsh = spawnSync('zsh', ['--version']).status === 0 && hasPseudoTerminal
const hasFish = spawnSync('fish', ['--version']).status === 0
if (!hasZsh) process.stderr.write('No zsh, or no util-linux `script`, here: its completion is not tested.\n')
if (!hasFish) process.stderr.write('No fish here: its completion is not tested.\n')

/** Holds the folder `lists`, with the file `known.txt` in it. */
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'x-demo-completion-'))
  await mkdir(join(folder, 'lists'))
  await writeFile(join(folder, 'lists/known.txt'), '')
})
afterAll(() => rm(folder, { recursive: true }))

/** What bash offers for a line, by the script that the program prints. */
async function offersOf(script: string, ...words: readonly string[]): Promise<string[]> {
  const quoted = ['x-demo', ...words].map((word) => `'${word}'`).join(' ')
  const probe = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _x_demo; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', probe], { cwd: folder })
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
    expect(await offersOf(script, 'scan', '--ioc', 'lists/kn')).toEqual(['lists/known.txt'])
    expect(await offersOf(script, 'scan', '--ioc', '=', 'lists/kn')).toEqual(['lists/known.txt'])
    expect(await offersOf(script, 'scan', '--ioc=lists/kn')).toEqual(['--ioc=lists/known.txt'])
    expect(await offersOf(script, 'scan', '--path', '=', 'li')).toEqual(['lists'])
  })

  it.skipIf(!hasZsh)('completes commands, options, values and files in zsh', async () => {
    const { stdout: script } = await runProgram(['completion', 'zsh'])
    await writeFile(join(folder, '_x-demo'), script)
    const { child, type, shows } = startCommandOnTerminal(['zsh', '-f', '-i'], { cwd: folder, env: { TERM: 'dumb' } })
    onTestFinished(() => void child.kill())
    // One after the other: a line that is not complete yet is taken back by Ctrl-U.
    type("source ./_x-demo; echo 're''ady'\n")
    await shows('ready')
    for (const [typed, completed] of [
      ['sc', 'scan '],
      ['serve gi', 'serve github '],
      ['--debug scan --include-a', '--include-archived '],
      ['scan --format s', '--format sarif '],
      ['scan --strategy=s', '--strategy=sequential '],
      ['scan --ioc li', '--ioc lists/'],
      ['scan --ioc=lists/k', '--ioc=lists/known.txt '],
      ['scan --output=lists/k', '--output=lists/known.txt '],
      ['scan --path=li', '--path=lists/'],
    ] as const) {
      type(`x-demo ${typed}\t`)
      await shows(completed)
      type('\u0015')
    }
  })

  it.skipIf(!hasFish)('completes commands, options, values and files in fish', async () => {
    const { stdout: script } = await runProgram(['completion', 'fish'])
    await writeFile(join(folder, 'x-demo.fish'), script)
    const offers = async (line: string): Promise<string[]> => {
      const probe = `source x-demo.fish; complete --do-complete 'x-demo ${line}'`
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', probe], { cwd: folder })
      return stdout
        .trim()
        .split('\n')
        .map((offer) => offer.split('\t')[0] ?? '')
    }
    expect(await offers('s')).toEqual(['scan', 'serve'])
    expect(await offers('--debug scan --inc')).toEqual(['--include-archived', '--include-forks'])
    expect(await offers('scan --format=s')).toEqual(['--format=sarif'])
    expect(await offers('scan --ioc li')).toEqual(['lists/'])
    expect(await offers('scan --ioc=lists/k')).toEqual(['--ioc=lists/known.txt'])
    expect(await offers('scan --path=li')).toEqual(['--path=lists/'])
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
