import { fileURLToPath } from 'node:url'

import { findRedisServer, startRedisServer } from '@x/redis-server'
import { describe, expect, it } from 'vitest'

import { readmeExamples } from '../../../scripts/readme-examples.ts'

const examples = readmeExamples(fileURLToPath(new URL('..', import.meta.url)))

it('has examples', () => {
  expect(examples.length).toBe(1)
})

describe.skipIf(findRedisServer() === undefined)('with a server', () => {
  it.each(examples)('the example on line $line of the README prints what it says', async ({ run, output }) => {
    await using server = await startRedisServer()
    process.env['REDIS_URL'] = server.url
    expect(await run()).toBe(output)
  })
})
