import { homedir } from 'node:os'
import { join } from 'node:path'

import { environmentVariable } from './environment-variable.ts'

/** A file in the folder that the platform has for what can be fetched again. */
export function defaultCachePath(): string {
  return join(cacheFolder(), 'x', 'scan.sqlite')
}

function cacheFolder(): string {
  switch (process.platform) {
    case 'win32':
      return environmentVariable('LOCALAPPDATA') ?? join(homedir(), 'AppData', 'Local')
    case 'darwin':
      return join(homedir(), 'Library', 'Caches')
    default:
      return environmentVariable('XDG_CACHE_HOME') ?? join(homedir(), '.cache')
  }
}
