import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { EXIT_CODES, type ExitCode } from '@x/core'
import { createFixtureOrganisation, startGitHubServer } from '@x/github-server'

import { type Invocation } from '../../cli/command.ts'
import { environmentText, type ServeOptions } from './environment-text.ts'
import { onPort } from './on-port.ts'
import { untilStopped } from './until-stopped.ts'

/** Prints what to set to reach the server, and serves until it is stopped. */
export async function serveGitHub({ port, json }: ServeOptions, invocation: Invocation): Promise<ExitCode> {
  const { log, signal } = invocation
  const folder = await mkdtemp(join(tmpdir(), 'x-demo-'))
  try {
    const { name, repositories, token } = await createFixtureOrganisation(folder)
    signal.throwIfAborted()
    await using server = await onPort(port, () => startGitHubServer({ repositories, tokens: [token], port }))
    process.stdout.write(environmentText({ GITHUB_API_URL: server.url, GITHUB_TOKEN: token }, json))
    log.note(`The organisation ${name} with ${repositories.length} repositories. Ctrl-C stops the server.`)
    await untilStopped(signal)
    const { requests, restPoints, graphqlPoints } = server.journal.summary()
    log.note(`${requests} requests, ${restPoints} REST points, ${graphqlPoints} GraphQL points`)
    return EXIT_CODES.success
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
