import { join } from 'node:path'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { readmeExamples } from '../../../scripts/readme-examples.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the examples of the README', () => {
  for (const example of readmeExamples(join(import.meta.dirname, '..'))) {
    it(`line ${example.line} prints what it says`, async () => {
      const files = { 'package-lock.json': npmLock({ 'event-stream': '3.3.6' }) }
      await using world = await ScanWorld.create({ web: { files } })
      vi.stubEnv('GITHUB_API_URL', world.server.url)
      vi.stubEnv('GITHUB_TOKEN', 'token-a')
      expect(await example.run()).toBe(example.output)
    })
  }
})
