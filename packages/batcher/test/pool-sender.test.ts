import { expect, it } from 'vitest'

import { poolSender } from '../src/pool-sender.ts'
import { sendJson, startLocalServer } from './local-server.ts'

it('sends nothing when the signal aborted before, as between a redirect and where it leads', async () => {
  await using server = await startLocalServer((_, response) => {
    sendJson(response, {})
  })
  const reason = new Error('enough')
  const message = { method: 'GET', url: new URL(server.url), headers: {}, body: undefined } as const
  await expect(poolSender(1_000)({ ...message, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(server.seen).toEqual([])
})
