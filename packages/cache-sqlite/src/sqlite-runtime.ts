import { CacheError } from '@x/core'

const OLDEST_NODE = 22

/**
 * Refuses a Node.js under which the driver would end the process instead of throwing (better-sqlite3 13, seen on Node 20).
 *
 * @throws CacheError `STORE_UNAVAILABLE` for a version before 22.
 */
export function assertSupportedRuntime(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return
  throw new CacheError('STORE_UNAVAILABLE', {
    message: `@x/cache-sqlite needs Node.js ${OLDEST_NODE} or later and runs on ${version}. Update Node.js.`,
    details: { version },
  })
}
