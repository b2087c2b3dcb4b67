import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createJiraSite, type JiraServer, startJiraServer } from '@x/jira-server'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readCommandLine } from '../src/cli/command-line.ts'
import { withReference } from '../src/cli/reference.ts'
import { COMMANDS } from '../src/commands/command-table.ts'
import { useLocalGitHub } from './e2e/local-github.ts'
import { programEnvironment, SOURCES } from './e2e/run-program.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('README.md has the reference of the commands as they are: else run `pnpm --filter @x/demo reference`', () => {
  expect(README).toBe(withReference(README, COMMANDS))
})

it('every example of the help is a command line that is understood', () => {
  for (const { name, examples } of COMMANDS) {
    for (const { words } of examples) {
      const list = Array.from(
        words.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
        ([, ...groups]) => groups.find(Boolean) ?? '',
      )
      expect(readCommandLine(list, COMMANDS)).toMatchObject({ name, wants: 'run' })
    }
  }
})

/** Servers run until they are stopped: `serve`, and the tour, have tests of their own. */
const COMMAND_LINES = [...README.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.startsWith('pnpm demo ') && !line.includes('serve'))
  .filter((line) => findRedisServer() !== undefined || !line.includes('redis'))

describe('each command of the README', () => {
  const github = useLocalGitHub()
  const site = createJiraSite({ issues: 200 })
  let jira: JiraServer
  let redis: RedisServer | undefined
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'x-demo-readme-'))
    await writeFile(join(folder, 'my-list.txt'), 'flatmap-stream:0.1.1\n')
    jira = await startJiraServer({ site })
    if (findRedisServer() !== undefined) redis = await startRedisServer()
  })
  afterAll(async () => {
    await jira.close()
    await redis?.stop()
    await rm(folder, { recursive: true })
  })

  it.each(COMMAND_LINES)('%s', async (line) => {
    const env = programEnvironment({
      GITHUB_API_URL: github.server.url,
      GITHUB_TOKEN: github.organisation.token,
      JIRA_URL: jira.url,
      JIRA_EMAIL: site.email,
      JIRA_TOKEN: site.token,
      REDIS_URL: redis?.url ?? '',
      XDG_CACHE_HOME: folder,
    })
    // In a shell, so that quotes are read as one types them.
    const command = line.replace('pnpm demo', `'${process.execPath}' '${SOURCES}'`)
    const { code, stdout } = await new Promise<{ code: number | null; stdout: string }>((resolve) => {
      const child = execFile('sh', ['-c', command], { cwd: folder, env }, (_, text) => {
        resolve({ code: child.exitCode, stdout: text })
      })
    })
    const finds = /scan (--try|--org)/.test(line)
    const prints = !line.includes('--output') && !line.includes('warm')
    expect({ code, prints: stdout !== '' }).toEqual({ code: finds ? 5 : 0, prints })
  })
})
