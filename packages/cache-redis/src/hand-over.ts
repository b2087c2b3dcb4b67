import type { Redis } from 'ioredis'

/**
 * Lets a client have what arrives as it comes. ioredis puts its listener in front of all others, which Node does not count as
 * listening: each chunk then waits in the stream's buffer for a turn of its own, a hundredth of the time of a small read. With a
 * listener that is added in the usual way it is handed over at once. Source: `Readable.prototype.on` and `addChunk` of Node 24,
 * read 2026-11-26.
 */
export function handOverAtOnce(client: Redis): void {
  client.on('connect', () => {
    client.stream.on('data', ignore)
  })
}

function ignore(): void {
  // ioredis reads it.
}
