import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { createFixtureOrganisation, type FixtureOrganisation } from '@x/github-server'
import { type TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    readonly organisation: FixtureOrganisation
    /** Where programs that the tests start keep what they have compiled. */
    readonly compileCache: string
  }
}

/** Once for all files: the program as it is built, and repositories that nobody changes. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'x-demo-tests-'))
  const built = promisify(execFile)('pnpm', ['run', 'build'], { cwd: new URL('..', import.meta.url) })
  provide('organisation', await createFixtureOrganisation(join(folder, 'repositories')))
  provide('compileCache', join(folder, 'compile-cache'))
  await built
  return () => rm(folder, { recursive: true })
}
