import type { Redis } from 'ioredis'

const BRING_FORWARD = `
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    local left = redis.call('PTTL', key)
    if left > 0 then redis.call('PEXPIRE', key, left - tonumber(ARGV[1])) end
  end
until cursor == '0'`

/** Lets time pass for every key of these servers: Redis keeps the time, so that its deadlines are brought forward. */
export async function bringForward(servers: readonly Redis[], milliseconds: number): Promise<void> {
  await Promise.all(servers.map((server) => server.eval(BRING_FORWARD, 0, milliseconds)))
}
