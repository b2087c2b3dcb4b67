import { describe, expect, it } from 'vitest'

import { assertSupportedRuntime } from '../src/sqlite-runtime.ts'

describe('assertSupportedRuntime()', () => {
  it('refuses a Node.js that the driver does not support', () => {
    expect(() => {
      assertSupportedRuntime('20.20.1')
    }).toThrow(
      expect.objectContaining({
        code: 'STORE_UNAVAILABLE',
        message: '@x/cache-sqlite needs Node.js 22 or later and runs on 20.20.1. Update Node.js.',
      }),
    )
  })

  it.each([process.versions.node, '22.0.0', '100.1.0'])('lets %s pass', (version) => {
    expect(() => {
      assertSupportedRuntime(version)
    }).not.toThrow()
  })
})
