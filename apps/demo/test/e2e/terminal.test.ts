import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

import { describe, expect, it } from 'vitest'

import { useLocalGitHub } from './local-github.ts'
import { hasPseudoTerminal, startOnTerminal } from './pseudo-terminal.ts'
import { BUILT, programEnvironment, runProgram, startProgram } from './run-program.ts'

const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'
const github = useLocalGitHub()

if (!hasPseudoTerminal)
  process.stderr.write('No util-linux `script` here: the live view is not tested on a terminal.\n')

describe.skipIf(!hasPseudoTerminal)('on a terminal', () => {
  it('shows a live view, takes it away before the result, and leaves the cursor as it was', async () => {
    const { ended } = startOnTerminal(github.scanWords('--org', 'acme'), { ...github.withToken, columns: 60 })
    const { code, stdout } = await ended
    expect(code).toBe(5)
    const live = stdout.slice(0, stdout.indexOf('5 compromised packages'))
    expect(live.startsWith(`${HIDE_CURSOR}scan: listing repositories`)).toBe(true)
    expect(live.trimEnd().endsWith(SHOW_CURSOR) || live.includes(SHOW_CURSOR)).toBe(true)
    expect(stdout.slice(stdout.lastIndexOf(SHOW_CURSOR))).not.toContain(HIDE_CURSOR)
    expect(live).toContain('found: acme/stream-tools  package-lock.json:556')
    // Changing lines never reach the edge, where a terminal would wrap them.
    for (const line of stripVTControlCharacters(live).split(/[\r\n]/))
      if (line.startsWith('scan: ') || line.startsWith('  ')) expect(line.length).toBeLessThan(60)
    expect(live).toMatch(/\d+ requests, \d+ points, \d+ from the cache/)
    expect(stdout).toContain('\u001B[1m')
  })

  it('shows none when it is to be quiet, and no colours when NO_COLOR is set', async () => {
    const env = { ...github.withToken.env, NO_COLOR: '1' }
    const { ended } = startOnTerminal(github.scanWords('--org', 'acme', '--quiet'), { env })
    const { stdout } = await ended
    expect(stdout).not.toContain('\u001B')
    expect(stdout).toContain('5 compromised packages')
  })

  it('stops on Ctrl-C, with the cursor back and 130', async () => {
    github.server.setFaults([{ on: { operation: 'graphql' }, skip: 1, do: { kind: 'hang' } }])
    const { type, shows, ended } = startOnTerminal(github.scanWords('--org', 'acme'), github.withToken)
    await shows('repositories, ')
    type('\u0003')
    const { code, stdout } = await ended
    expect(code).toBe(130)
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR))
    expect(stdout).toMatch(/What was fetched is kept in .* scan --resume \S+ goes on from there\.\r\nStopped\.\r\n$/)
  })

  it('asks before it clears, and takes anything but yes as no', async () => {
    const words = github.scanWords('--org', 'acme', '-q')
    await runProgram(words, github.withToken)
    const [, , , flag = '', cache = ''] = words
    const clear = async (answer: string, exitCode = 0): Promise<string> => {
      const { type, shows, ended } = startOnTerminal(['cache', 'clear', flag, cache])
      await shows('[y/N]')
      type(answer)
      const { code, stdout } = await ended
      expect(code).toBe(exitCode)
      return stdout
    }
    expect(await clear('\n')).toContain('Nothing was removed.')
    // Ctrl-D.
    expect(await clear('\u0004')).toMatch(/\[y\/N\] \r\nNothing was removed\.\r\n$/)
    expect(await clear('\u0003', 130)).toContain('Stopped.')
    expect(await clear('yes\n')).toMatch(/\d+ entries removed\./)
    expect((await runProgram(['cache', 'keys', flag, cache])).stdout).toBe('')
  })
})

describe('without a terminal', () => {
  it('draws nothing', async () => {
    const { stdout, stderr } = await runProgram(github.scanWords('--org', 'acme'), github.withToken)
    expect(stdout + stderr).not.toContain('\u001B')
    expect(stdout + stderr).not.toContain('\r')
  })

  it('ends as it would when the reader of its result or of its messages goes away', async () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { child, ended } = startProgram(github.scanWords('--org', 'acme', '--verbose'), github.withToken)
      child[stream]?.destroy()
      expect((await ended).code).toBe(5)
    }
  })

  it('says so when the disk is full', async () => {
    const { child, ended } = startProgram(
      github.scanWords('--org', 'acme', '-q', '--output', '/dev/full'),
      github.withToken,
    )
    child.stdout?.pipe(createWriteStream(join(github.folder, 'ignored')))
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Cannot write /dev/full: the disk is full.\n' })
  })

  it('says so in a line when its standard output cannot be written', async () => {
    const full = await open('/dev/full', 'w')
    const child = spawn(process.execPath, [BUILT, 'completion', 'bash'], {
      env: programEnvironment(),
      stdio: ['ignore', full.fd, 'pipe'],
    })
    if (child.stderr === null) throw new Error('no pipe')
    const stderr = readText(child.stderr)
    const [code] = (await once(child, 'close')) as [number]
    await full.close()
    expect({ code, stderr: await stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Cannot write to standard output: ENOSPC.*\.\n$/) as string,
    })
  })
})
