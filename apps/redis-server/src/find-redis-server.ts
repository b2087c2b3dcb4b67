import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

let told = false

/**
 * The program to start: `REDIS_SERVER_BIN`, else `redis-server` on the `PATH`. Where there is none, says so on stderr,
 * once, and answers `undefined`.
 *
 * @throws Error where there is none and `CI` is set: what needs it must not be skipped there.
 */
export function findRedisServer(): string | undefined {
  const named = process.env['REDIS_SERVER_BIN']
  if (named !== undefined && named !== '') return named
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'redis-server')
    if (isExecutable(path)) return path
  }
  const message = 'There is no redis-server on the PATH. Install it, or name it by REDIS_SERVER_BIN.'
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(message)
  if (!told) process.stderr.write(`SKIPPED: ${message}\n`)
  told = true
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
