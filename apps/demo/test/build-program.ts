import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The tests run the program as it is built. */
export async function setup(): Promise<void> {
  await promisify(execFile)('pnpm', ['run', 'build'], { cwd: new URL('..', import.meta.url) })
}
