import { type Redis } from 'ioredis'

/** How often each client wrote to its connection while the work was done. */
export async function countWrites(clients: readonly Redis[], work: () => Promise<unknown>): Promise<number[]> {
  const counts = clients.map(({ stream }) => {
    const count = { writes: 0 }
    for (const name of ['_write', '_writev'] as const) {
      const write = stream[name]?.bind(stream) as (...args: unknown[]) => void
      stream[name] = (...args: unknown[]) => {
        count.writes += 1
        write(...args)
      }
    }
    return count
  })
  await work()
  for (const { stream } of clients) {
    Reflect.deleteProperty(stream, '_write')
    Reflect.deleteProperty(stream, '_writev')
  }
  return counts.map(({ writes }) => writes)
}
