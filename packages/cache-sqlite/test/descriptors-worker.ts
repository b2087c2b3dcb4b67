/** Opens a cache where no file can be opened any more, as a process of its own: `node descriptors-worker.ts '{ "path": … }'`. */
import { openSync } from 'node:fs'

import type { CacheError } from '@x/core'

import { SqliteCache } from '../src/index.ts'

const { path } = JSON.parse(process.argv[2] ?? '') as { path: string }
const write = process.stdout.write.bind(process.stdout)
// Loads the driver, which is a file as well.
new SqliteCache({ path: ':memory:' }).close()
try {
  for (;;) openSync('/dev/null', 'r')
} catch {
  // There are none left.
}
const cache = new SqliteCache({ path, onFailure: 'miss' })
cache.addEventListener({
  onCacheError: (error) => {
    const { code, details, message } = error as CacheError
    write(`${code} ${String(details['code'])} ${message}`)
  },
})
process.exitCode = cache.get('a') === undefined ? 0 : 1
