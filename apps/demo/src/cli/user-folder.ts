import { homedir } from 'node:os'
import { join } from 'node:path'

import { environmentVariable } from './environment-variable.ts'

/** Where the platform keeps what a user has set. */
export function configurationFolder(): string {
  switch (process.platform) {
    case 'win32':
      return environmentVariable('APPDATA') ?? join(homedir(), 'AppData', 'Roaming')
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support')
    default:
      return environmentVariable('XDG_CONFIG_HOME') ?? join(homedir(), '.config')
  }
}

/** Where the platform keeps what can be fetched again. */
export function cacheFolder(): string {
  switch (process.platform) {
    case 'win32':
      return environmentVariable('LOCALAPPDATA') ?? join(homedir(), 'AppData', 'Local')
    case 'darwin':
      return join(homedir(), 'Library', 'Caches')
    default:
      return environmentVariable('XDG_CACHE_HOME') ?? join(homedir(), '.cache')
  }
}
