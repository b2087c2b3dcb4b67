import { EXIT_CODES, exitCodeOf } from '@x/core'

import { HELP, parseCommand, UsageError } from './command-line.ts'
import { runScan } from './scan-command.ts'
import { runTour } from './tour.ts'

const interrupt = new AbortController()

process.on('SIGINT', () => {
  // Twice: whoever asks again does not want to wait for a clean end.
  if (interrupt.signal.aborted) process.exit(EXIT_CODES.interrupted)
  interrupt.abort(new DOMException('Interrupted.', 'AbortError'))
})
process.on('SIGTERM', () => {
  interrupt.abort(new DOMException('Terminated.', 'AbortError'))
})
// Whoever reads the output may stop reading: `| head` is no failure, and changes nothing in how the command ends.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await run(process.argv.slice(2))

async function run(words: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(words)
    switch (command.name) {
      case 'help':
        process.stdout.write(HELP)
        return EXIT_CODES.success
      case 'tour':
        return await runTour(interrupt.signal)
      case 'scan':
        return await runScan(command, interrupt.signal)
    }
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.stderr.write('Stopped.\n')
      return EXIT_CODES.interrupted
    }
    process.stderr.write(`${words.includes('--debug') ? detailsOf(error) : messageOf(error)}\n`)
    return error instanceof UsageError ? EXIT_CODES.general : exitCodeOf(error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function detailsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
