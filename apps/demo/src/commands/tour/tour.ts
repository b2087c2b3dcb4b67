import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { EXIT_CODES, type ExitCode } from '@x/core'

import { type Invocation } from '../../cli/command.ts'
import { githubTour } from './github-tour.ts'
import { jiraTour } from './jira-tour.ts'

/** A part for each of the tool's jobs, on servers of this machine. Always ends well: what is found there is meant to be. */
export async function runTour(invocation: Invocation): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'x-demo-'))
  try {
    await githubTour(folder, invocation)
    await jiraTour(folder, invocation)
    return EXIT_CODES.success
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
