import { parseArgs } from 'node:util'

export const USAGE = `Serves a GitHub-compatible API over the fixture organisation, on 127.0.0.1.

Usage: node apps/github-server/src/main.ts [options]

  --root DIR            where the repositories are built (default: a temporary folder, removed at the end)
  --port N              0 to 65535; 0 takes a free one (default: 0)
  --latency MS          wait before each answer (default: 0)
  --rest-limit N        REST points in an hour (default: 5000)
  --graphql-limit N     GraphQL points in an hour (default: 5000)
  --tree-limit N        entries after which a recursive tree is truncated (default: 100000)
  --no-graphql          answer POST /graphql with 404
  --help                print this

Ctrl-C stops it.`

/** What the command was asked to do. */
export interface CommandLine {
  readonly help: boolean
  readonly root: string | undefined
  readonly port: number
  readonly latencyMs: number
  readonly restPerHour: number
  readonly graphqlPointsPerHour: number
  readonly treeEntryLimit: number
  readonly graphql: boolean
}

const LARGEST_PORT = 65_535
const LARGEST_DELAY_MS = 2_147_483_647

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
      root: { type: 'string' },
      port: { type: 'string', default: '0' },
      latency: { type: 'string', default: '0' },
      'rest-limit': { type: 'string', default: '5000' },
      'graphql-limit': { type: 'string', default: '5000' },
      'tree-limit': { type: 'string', default: '100000' },
      graphql: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    help: values.help,
    root: values.root,
    port: wholeNumber('--port', values.port, LARGEST_PORT),
    latencyMs: wholeNumber('--latency', values.latency, LARGEST_DELAY_MS),
    restPerHour: wholeNumber('--rest-limit', values['rest-limit']),
    graphqlPointsPerHour: wholeNumber('--graphql-limit', values['graphql-limit']),
    treeEntryLimit: wholeNumber('--tree-limit', values['tree-limit']),
    graphql: values.graphql,
  }
}

function wholeNumber(option: string, text: string, largest: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= largest) return value
  throw new RangeError(`${option} takes a whole number from 0 to ${largest}, not '${text}'.`)
}
