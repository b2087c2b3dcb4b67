#!/usr/bin/env node
import { EXIT_CODES } from '@x/core'

import { runProgram } from './cli/run-program.ts'
import { COMMANDS } from './commands/command-table.ts'

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
// Whoever reads the output may stop reading: `| head` is no failure, and changes nothing in how the command ends.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

process.exitCode = await runProgram(process.argv.slice(2), { commands: COMMANDS, signal: interrupt.signal })
