import { parseArgs } from 'node:util'

export const USAGE = `Serves a Jira-compatible API over generated issues, on 127.0.0.1.

Usage: node apps/jira-server/src/main.ts [options]

  --port N              0 to 65535; 0 takes a free one (default: 0)
  --issues N            how many issues there are (default: 1000)
  --seed N              the same seed makes the same issues (default: 1)
  --latency MS          wait before each answer (default: 0)
  --limit-every N       answer each N-th request with 429 and Retry-After: 1 (default: never)
  --no-bulk-fetch       answer bulkfetch with 404, as Jira Data Center does
  --help                print this

Ctrl-C stops it.`

/** What the command was asked to do. */
export interface CommandLine {
  readonly help: boolean
  readonly port: number
  readonly issues: number
  readonly seed: number
  readonly latencyMs: number
  /** 0: never. */
  readonly limitEvery: number
  readonly bulkFetch: boolean
}

const LARGEST_PORT = 65_535
const LARGEST_DELAY_MS = 2_147_483_647
const MOST_ISSUES = 1_000_000

/**
 * Reads the arguments of the command.
 *
 * @throws TypeError that names an unknown option; RangeError that names a bad value.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: 'string', default: '0' },
      issues: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      latency: { type: 'string', default: '0' },
      'limit-every': { type: 'string', default: '0' },
      'bulk-fetch': { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    help: values.help,
    port: wholeNumber('--port', values.port, LARGEST_PORT),
    issues: wholeNumber('--issues', values.issues, MOST_ISSUES),
    seed: wholeNumber('--seed', values.seed, 0xffffffff),
    latencyMs: wholeNumber('--latency', values.latency, LARGEST_DELAY_MS),
    limitEvery: wholeNumber('--limit-every', values['limit-every']),
    bulkFetch: values['bulk-fetch'],
  }
}

function wholeNumber(option: string, text: string, largest: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= largest) return value
  throw new RangeError(`${option} takes a whole number from 0 to ${largest}, not '${text}'.`)
}
