import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { MemoryRepository, startGitHubServer } from '@x/github-server'
import { findRedisServer, startRedisServer } from '@x/redis-server'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { readmeExamples } from '../../scripts/readme-examples.ts'

const DOCS = join(import.meta.dirname, '..')
const [slowApi, ...steps] = readmeExamples(DOCS, 'guide.md')
const others = { 'slow-api.ts': slowApi?.files['slow-api.ts'] ?? '' }
const needing = (name: string) => steps.filter(({ code }) => code.includes(`from '${name}'`))
const [withRedis, withGitHub] = [needing('@x/cache-redis'), needing('@x/github-batch')]

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the guide', () => {
  it('has a step for each thing to do', () => {
    expect([steps.length, withRedis.length, withGitHub.length]).toEqual([7, 1, 1])
  })

  it('begins with an API that counts', async () => {
    expect(await slowApi?.run()).toBe(slowApi?.output)
  })

  for (const step of steps.filter((one) => ![...withRedis, ...withGitHub].includes(one))) {
    it(`line ${step.line} prints what it says`, async () => {
      expect(await step.run(others)).toBe(step.output)
    })
  }

  for (const step of withRedis) {
    it.skipIf(findRedisServer() === undefined)(`line ${step.line} prints what it says, by a Redis server`, async () => {
      await using server = await startRedisServer()
      vi.stubEnv('REDIS_URL', server.url)
      expect(await step.run(others)).toBe(step.output)
    })
  }

  for (const step of withGitHub) {
    it(`line ${step.line} prints what it says, by a GitHub server`, async () => {
      const server = await startGitHubServer({ repositories: [WEB] })
      vi.stubEnv('GITHUB_API_URL', server.url)
      vi.stubEnv('GITHUB_TOKEN', 'token')
      try {
        expect(await step.run()).toBe(step.output)
      } finally {
        await server.close()
      }
    })
  }
})

describe('the pages', () => {
  it.each(globSync('**/*.md', { cwd: DOCS, exclude: ['node_modules', 'api'] }))('%s links to what exists', (page) => {
    const text = readFileSync(join(DOCS, page), 'utf8')
    const targets = Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, target]) => target ?? '')
    expect(targets.filter((target) => !existsSync(join(DOCS, dirname(page), target)))).toEqual([])
  })
})

const LOCKFILE = JSON.stringify({
  name: 'web',
  lockfileVersion: 3,
  packages: { '': { name: 'web' }, 'node_modules/event-stream': { version: '3.3.6' } },
})

const repository = new MemoryRepository({ 'package-lock.json': LOCKFILE })

const WEB = {
  owner: 'acme',
  ownerType: 'Organization',
  name: 'web',
  gitDir: '',
  objects: () => repository,
  defaultBranch: 'main',
  pushedAt: '2026-01-02T03:04:05Z',
  private: false,
  archived: false,
  fork: false,
} as const
