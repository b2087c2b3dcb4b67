import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

import { EXIT_CODES, type ExitCode } from '@x/core'

import { browseCache } from '../../cache/browse-cache.ts'
import { type CacheEntryName } from '../../cache/cache-browser.ts'
import { type Invocation } from '../../cli/command.ts'
import { UsageError } from '../../cli/program-error.ts'
import { countText } from '../../output/count-text.ts'
import { namesText } from './names-text.ts'

export interface ClearOptions {
  readonly cache: string | undefined
  readonly namespace: string
  readonly category: string | undefined
  readonly pattern: string | undefined
  readonly dryRun: boolean
  readonly force: boolean
  readonly format: 'table' | 'json'
}

export async function cacheClear(options: ClearOptions, { log, signal }: Invocation): Promise<ExitCode> {
  const { cache, namespace, category, pattern, dryRun, force, format } = options
  await using browser = await browseCache(cache, namespace)
  const filter = { category, pattern }
  if (dryRun || !force) {
    const names: CacheEntryName[] = []
    for await (const name of browser.keys(filter)) names.push(name)
    const entries = countText(names.length, 'entry', 'entries')
    if (dryRun) {
      process.stdout.write(namesText(names, format))
      log.note(`${entries} of ${browser.place} would go.`)
      return EXIT_CODES.success
    }
    if (!(await confirmed(`Remove ${entries} of ${browser.place}? [y/N] `, signal))) {
      log.note('Nothing was removed.')
      return EXIT_CODES.success
    }
  }
  const removed = await browser.clear(filter)
  if (format === 'json') process.stdout.write(`${JSON.stringify({ removed }, undefined, 2)}\n`)
  log.note(`${countText(removed, 'entry', 'entries')} removed.`)
  return EXIT_CODES.success
}

async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError('There is nobody to ask: give --force, or --dry-run to see what would go.')
  // The terminal keeps Ctrl-C to itself: it is a signal here as everywhere.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    // Ctrl-D ends the input without an answer, and the question would wait for ever.
    const noAnswer = once(terminal, 'close').then(() => undefined)
    const answer = await Promise.race([terminal.question(question, { signal }), noAnswer])
    if (answer === undefined) process.stderr.write('\n')
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  } finally {
    terminal.close()
  }
}
