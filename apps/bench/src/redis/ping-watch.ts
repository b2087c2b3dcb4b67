import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Goes on asking a server whether it is there. */
export interface PingWatch {
  /** Ends it: how long the longest PING took, milliseconds. */
  readonly stop: () => Promise<number>
}

/** Begins, in a process of its own: what it waits for is the server, and no event loop that has other work. */
export async function watchPings(url: string): Promise<PingWatch> {
  const child = fork(join(import.meta.dirname, 'ping-process.ts'), [url], { execArgv: [] })
  await once(child, 'message')
  return {
    stop: async () => {
      const answered = once(child, 'message') as Promise<[number]>
      child.send('stop')
      const [longestMs] = await answered
      return longestMs
    },
  }
}
