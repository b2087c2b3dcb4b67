import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder that the platform has for what can be made again: `$XDG_CACHE_HOME` or `~/.cache` (a relative path there is
 * ignored, as the XDG Base Directory Specification 0.8 has it), `~/Library/Caches`, `%LOCALAPPDATA%`.
 */
export function userCacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  switch (platform) {
    case 'win32':
      return absolute(environment['LOCALAPPDATA']) ?? join(homedir(), 'AppData', 'Local')
    case 'darwin':
      return join(homedir(), 'Library', 'Caches')
    default:
      return absolute(environment['XDG_CACHE_HOME']) ?? join(homedir(), '.cache')
  }
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}
