import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'

const REPOSITORIES = Number(process.env['REPOSITORIES'] ?? 1_000)
/** Of three lockfiles in each, those of half a megabyte. */
const LARGE_SHARE = Number(process.env['LARGE_SHARE'] ?? 0)
/** In each lockfile: 1,500 of them take a quarter of a megabyte. */
const PACKAGES = Number(process.env['PACKAGES'] ?? 60)
/** Without one there would be sixty requests in an hour. */
const TOKEN = 'measuring'
const MOST_SHARE = 0.05
const MOST_MEGABYTES = 300
const PROGRAM = new URL('../dist/main.js', import.meta.url).pathname

/** Scans a large organisation on a local server, cold, as the built program does it on a terminal, and what that took of it. */
async function measure(folder: string): Promise<{ milliseconds: number; shown: string }> {
  const organisation = new SyntheticOrganisation({
    repositories: REPOSITORIES,
    largeShare: LARGE_SHARE,
    packages: PACKAGES,
  })
  await using server = await startGitHubServer({ repositories: organisation.records, tokens: [TOKEN] })
  const list = join(folder, 'list.txt')
  await writeFile(list, 'bad:6.6.6\n')
  const words = ['scan', '--org', 'acme', '--ioc', list, '--api-url', server.url, '--fail-on', 'incomplete', '--debug']
  const command = [process.execPath, PROGRAM, ...words, '--cache', join(folder, 'cache.sqlite')]
  const startedAt = performance.now()
  // util-linux's `script` gives it a terminal.
  const child = spawn('script', ['-qefc', command.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', GITHUB_TOKEN: TOKEN, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const shown = await text(child.stdout)
  const milliseconds = performance.now() - startedAt
  if (!shown.includes(`${organisation.bad} compromised packages in `)) throw new Error(`Not all was found:\n${shown}`)
  return { milliseconds, shown }
}

const folder = await mkdtemp(join(tmpdir(), 'x-demo-measure-'))
try {
  const { milliseconds, shown } = await measure(folder)
  const [, view = '', memory = ''] = /Showing it took (\d+) ms.* (\d+) MB at most/.exec(shown) ?? []
  const share = Number(view) / milliseconds
  const figures = `${(share * 100).toFixed(1)} % of the time for the live view, ${memory} MB at most`
  process.stdout.write(`${REPOSITORIES} repositories in ${(milliseconds / 1_000).toFixed(1)} s: ${figures}\n`)
  if (!(view !== '' && share < MOST_SHARE && Number(memory) < MOST_MEGABYTES)) {
    process.stderr.write(`Promised: less than ${MOST_SHARE * 100} % and ${MOST_MEGABYTES} MB.\n`)
    process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true })
}
