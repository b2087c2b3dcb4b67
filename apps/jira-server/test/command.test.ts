import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

describe('the command', () => {
  it('says where it serves and as whom, and on Ctrl-C what was asked of it', async () => {
    const command = spawn(process.execPath, [MAIN, '--issues', '10'])
    const ended = once(command, 'exit')
    let output = ''
    const [first] = (await once(command.stdout.setEncoding('utf8'), 'data')) as [string]
    command.stdout.on('data', (text: string) => (output += text))
    const [, url = '', user = '', token = ''] = /^(\S+) .*user (\S+), token (\S+)\)/.exec(first) ?? []
    const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
    expect((await fetch(`${url}/rest/api/3/myself`, { headers: { authorization } })).status).toBe(200)
    command.kill('SIGINT')
    expect((await ended)[0]).toBe(0)
    expect(output).toMatch(/^1 requests, \d+ bytes\n$/)
  })

  it.each([
    [['--port', 'x'], "jira-server: --port takes a whole number from 0 to 65535, not 'x'.\n"],
    [['--nonsense'], expect.stringContaining('--nonsense') as string],
  ])('refuses %j in one line', async (args, message) => {
    const command = spawn(process.execPath, [MAIN, ...args])
    const ended = once(command, 'exit')
    let errors = ''
    command.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    expect((await ended)[0]).toBe(1)
    expect(errors).toEqual(message)
  })
})
