import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'
import { expect, it } from 'vitest'

/** How many repositories: `X_REPOSITORIES=100000` for a large organisation, and to be told what it took. */
const REPOSITORIES = Number(process.env['X_REPOSITORIES'] ?? 1_000)
const NO_LIMITS = {
  restPerHour: Infinity,
  graphqlPointsPerHour: Infinity,
  restPointsPerMinute: Infinity,
  graphqlPointsPerMinute: Infinity,
  processorMsPerMinute: Infinity,
  graphqlProcessorMsPerMinute: Infinity,
}

it(
  `scans ${REPOSITORIES} repositories in less than 512 MB of resident memory`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'x-size-'))
    const organisation = new SyntheticOrganisation({
      repositories: REPOSITORIES,
      filesEach: 1,
      packages: 5,
      largeShare: 0,
    })
    await using server = await startGitHubServer({ repositories: organisation.records, limits: NO_LIMITS })
    try {
      const scan = [join(import.meta.dirname, 'scan-size-process.ts'), server.url, join(folder, 'cache.sqlite')]
      const child = spawn(process.execPath, scan, { stdio: ['ignore', 'pipe', 'inherit'] })
      const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
      const { peakMegabytes, ...result } = JSON.parse(output) as { readonly peakMegabytes: number }
      if ('X_REPOSITORIES' in process.env) console.info(output)
      expect(result).toMatchObject({ complete: true, repositories: REPOSITORIES, findings: organisation.bad })
      expect(peakMegabytes).toBeLessThan(512)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  Math.max(60_000, REPOSITORIES * 60),
)
