import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { HOME, runProgram } from './run-program.ts'

describe('the program', () => {
  it('explains itself, a command and a group', async () => {
    const program = await runProgram(['--help'])
    expect(program).toMatchObject({ code: 0, stderr: '' })
    expect(program.stdout).toContain('x-demo scan')
    const scan = await runProgram(['help', 'scan'])
    expect(scan.stdout).toContain('x-demo scan --org acme')
    expect(scan.stdout).toContain('GITHUB_API_URL')
    expect((await runProgram(['serve', '-h'])).stdout).toContain('x-demo serve github')
  })

  it('has a version', async () => {
    expect((await runProgram(['--version'])).stdout).toMatch(/^x-demo \d+\.\d+\.\d+\n$/)
  })

  it('colours what it is told to, by option, FORCE_COLOR, NO_COLOR and terminal in this order', async () => {
    const coloured = async (words: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> =>
      (await runProgram(['scan', '--path', HOME, ...words], { env })).stdout.includes('\u001B[')
    expect(await coloured([], {})).toBe(false)
    expect(await coloured([], { FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true)
    expect(await coloured([], { FORCE_COLOR: '0' })).toBe(false)
    expect(await coloured(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false)
    expect(await coloured(['--color', 'always'], { NO_COLOR: '1' })).toBe(true)
  })

  it('takes options from the configuration of the user, and none from the current folder', async () => {
    const home = join(HOME, 'configured')
    await mkdir(join(home, 'x'), { recursive: true })
    const configuration = { scan: { format: 'csv', path: [home] } }
    await writeFile(join(home, 'x', 'demo.json'), JSON.stringify(configuration))
    await writeFile(join(home, 'demo.json'), JSON.stringify({ scan: { format: 'json' } }))
    const run = await runProgram(['scan'], { env: { XDG_CONFIG_HOME: home }, cwd: home })
    expect(run.stdout).toMatch(/^kind,repository/)
    const debug = await runProgram(['scan', '--debug'], { env: { XDG_CONFIG_HOME: home } })
    expect(debug.stderr).toContain(`The configuration is ${join(home, 'x', 'demo.json')}.`)
    await writeFile(join(home, 'x', 'demo.json'), '{ "scna": {} }')
    expect(await runProgram(['scan'], { env: { XDG_CONFIG_HOME: home } })).toMatchObject({ code: 2, stdout: '' })
    expect(await runProgram(['scan', '--help'], { env: { XDG_CONFIG_HOME: home } })).toMatchObject({ code: 0 })
  })
})

describe('without arguments', () => {
  it('scans cold and warm, prints the findings and what each way cost, and exits 0', async () => {
    const { code, stdout } = await runProgram([])
    expect(code).toBe(0)
    expect(stdout).toContain('acme/stream-tools  package-lock.json:556  event-stream@3.3.6')
    const requests = (row: string): number => Number(new RegExp(`^ *${row} +(\\d+)`, 'm').exec(stdout)?.[1])
    expect(requests('file by file')).toBeGreaterThan(requests('cold scan'))
    expect(requests('cold scan')).toBeGreaterThan(requests('warm scan'))
    expect(requests('warm scan')).toBe(1)
    expect(requests('10 readers at once')).toBe(5)
    expect(requests('again')).toBe(0)
  })
})
