import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { expect, onTestFinished, test } from 'vitest'

import { parseCommandLine } from '../src/command-line.ts'
import { scratchFolder } from './scratch.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

function command(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function ended(child: ChildProcess): Promise<{ code: unknown; out: string; err: string }> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('Both are pipes.')
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

test('the command serves the fixture organisation until it is interrupted', async () => {
  const root = await scratchFolder()
  const child = command('--root', root)
  const end = ended(child)
  const [line] = (await once(child.stdout ?? process.stdin, 'data')) as [Buffer]
  const { url = '', token = '' } = /^(?<url>http:\S+) .* token (?<token>\S+)\)/.exec(line.toString())?.groups ?? {}
  const response = await fetch(`${url}/orgs/acme/repos`, { headers: { authorization: `Bearer ${token}` } })
  expect(((await response.json()) as unknown[]).length).toBeGreaterThanOrEqual(25)
  child.kill('SIGINT')
  const { code, out, err } = await end
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('1 requests, 1 REST points')
  expect(await readdir(root)).toEqual(['acme'])
})

test('--help prints every option', async () => {
  const { code, out, err } = await ended(command('--help'))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const option of [
    '--root',
    '--port',
    '--latency',
    '--rest-limit',
    '--graphql-limit',
    '--tree-limit',
    '--no-graphql',
  ]) {
    expect(out).toContain(option)
  }
})

test('a port that is taken is one line and exit code 1', async () => {
  const holder = createServer()
  await once(holder.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    holder.close()
  })
  const root = await scratchFolder()
  const { code, err } = await ended(command('--root', root, '--port', String((holder.address() as AddressInfo).port)))
  expect(code).toBe(1)
  expect(err).toMatch(/^github-server: listen EADDRINUSE[^\n]*\n$/)
})

test('an unknown option or a bad value is refused by name', () => {
  expect(() => parseCommandLine(['--colour'])).toThrow("Unknown option '--colour'")
  expect(() => parseCommandLine(['extra'])).toThrow("Unexpected argument 'extra'")
  expect(() => parseCommandLine(['--port', '65536'])).toThrow(
    new RangeError("--port takes a whole number from 0 to 65535, not '65536'."),
  )
  for (const bad of ['-1', '1.5', '', 'x', '1e3']) {
    expect(() => parseCommandLine([`--latency=${bad}`]), bad).toThrow(RangeError)
  }
  expect(parseCommandLine(['--no-graphql', '--rest-limit', '7'])).toMatchObject({ graphql: false, restPerHour: 7 })
})
