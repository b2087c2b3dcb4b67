import { join } from 'node:path'

import { cacheFolder } from '../cli/user-folder.ts'
import { type CachePurpose, SHARED_FILE_BYTES } from './open-cache.ts'

/** What was read of repositories, kept by content: nothing of it ever becomes wrong. */
export function scanCachePurpose(): CachePurpose {
  return {
    path: join(cacheFolder(), 'x', 'scan.sqlite'),
    namespace: 'x-demo:scan',
    maxSizeBytes: SHARED_FILE_BYTES,
    defaultTtl: Infinity,
    // A scan goes on without it, and says so.
    onFailure: 'throw',
  }
}
