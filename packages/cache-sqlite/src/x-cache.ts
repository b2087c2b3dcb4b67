#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'

import { runCacheCommand } from './command/cache-command.ts'

// `x-cache keys FILE | head`: whoever reads has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const ending = runCacheCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  confirm: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
})
void ending.then((code) => (process.exitCode = code))

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const stopped = new Promise<string>((_, reject) => {
    lines.once('SIGINT', () => {
      reject(new DOMException('Stopped.', 'AbortError'))
    })
  })
  try {
    return /^y(es)?$/i.test((await Promise.race([lines.question(question), stopped])).trim())
  } finally {
    lines.close()
  }
}
