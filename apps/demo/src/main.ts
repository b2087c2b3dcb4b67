#!/usr/bin/env node
import { EXIT_CODES } from '@x/core'

import { assertNodeVersion } from './cli/node-version.ts'
import { runProgram } from './cli/run-program.ts'
import { COMMANDS } from './commands/command-table.ts'
import { watchOutput } from './output/watch-output.ts'

assertNodeVersion()
const interrupt = new AbortController()

process.on('SIGINT', () => {
  // Twice: whoever asks again does not want to wait for a clean end.
  if (interrupt.signal.aborted) process.exit(EXIT_CODES.interrupted)
  interrupt.abort(new DOMException('Interrupted.', 'AbortError'))
})
for (const name of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    interrupt.abort(new DOMException('Terminated.', 'AbortError'))
  })
}
watchOutput()

process.exitCode = await runProgram(process.argv.slice(2), { commands: COMMANDS, signal: interrupt.signal })
