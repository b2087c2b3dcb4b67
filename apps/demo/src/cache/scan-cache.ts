import { join } from 'node:path'

import { cacheFolder } from '../cli/user-folder.ts'
import { type CachePurpose } from './open-cache.ts'

/** What was read of repositories, kept by content: nothing of it ever becomes wrong. */
export function scanCachePurpose(): CachePurpose {
  return {
    path: join(cacheFolder(), 'x', 'scan.sqlite'),
    namespace: 'x-demo:scan',
    // Dependency files of some thousand repositories.
    maxSizeBytes: 2 * 1024 ** 3,
    defaultTtl: Infinity,
    // A scan goes on without it, and says so.
    onFailure: 'throw',
  }
}
