import { EXIT_CODES } from '@x/core'

import { COMMAND_NAME } from './program.ts'

/** As `engines` of package.json has it. */
const LEAST = [22, 18] as const

/** Ends the program at once where Node.js is too old: what would fail later fails with other words. */
export function assertNodeVersion(version: string = process.versions.node): void {
  if (!isTooOld(version)) return
  process.stderr.write(`${COMMAND_NAME} needs Node.js ${LEAST.join('.')} or later, and runs on ${version}.\n`)
  process.exit(EXIT_CODES.general)
}

/** Whether a version of Node.js is older than what is needed. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])
}
