import { EXIT_CODES } from '@x/core'

/**
 * Watches the program's own streams. Whoever reads may stop reading: `| head` is no failure, and changes nothing in how a
 * command ends. A result that could not be written, as to a disk that is full, ends it.
 */
export function watchOutput(): void {
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE' || code === 'EIO') return
      if (stream === process.stdout) process.stderr.write(`Cannot write to ${name}: ${message}.\n`)
      process.exit(EXIT_CODES.general)
    })
  }
}
