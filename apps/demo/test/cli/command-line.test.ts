import { BATCH_STRATEGIES } from '@x/github-batch'
import { describe, expect, it } from 'vitest'

import { readCommandLine } from '../../src/cli/command-line.ts'
import { isTooOld } from '../../src/cli/node-version.ts'
import { UsageError } from '../../src/cli/program-error.ts'
import { COMMANDS } from '../../src/commands/command-table.ts'

const read = (...words: string[]): ReturnType<typeof readCommandLine> => readCommandLine(words, COMMANDS)

describe('readCommandLine()', () => {
  it('takes no words as the tour', () => {
    expect(read()).toMatchObject({ name: '', wants: 'run', given: {} })
    expect(read('--debug')).toMatchObject({ name: '', wants: 'run', given: { debug: true } })
  })

  it('takes --help anywhere, also of a group, and help as a word', () => {
    for (const words of [['--help'], ['-h'], ['help'], ['--debug', '--help']])
      expect(read(...words)).toMatchObject({ name: '', wants: 'help' })
    for (const words of [
      ['scan', '--help'],
      ['--help', 'scan'],
      ['help', 'scan'],
      ['scan', '--org', 'a', '-h'],
    ])
      expect(read(...words)).toMatchObject({ name: 'scan', wants: 'help' })
    expect(read('serve', '-h')).toMatchObject({ name: 'serve', wants: 'help' })
    expect(read('help', 'serve', 'github')).toMatchObject({ name: 'serve github', wants: 'help' })
  })

  it('takes options before, between and after the words of a command', () => {
    const words = ['--color', 'never', 'serve', '--debug', 'github', '--port=80']
    expect(read(...words)).toMatchObject({
      name: 'serve github',
      given: { color: 'never', debug: true, port: '80' },
      operands: [],
    })
  })

  it('ends options at --', () => {
    expect(() => read('completion', '--', '--bash')).toThrow('SHELL must be one of bash, zsh, fish, not "--bash".')
  })

  it.each([
    [['scna'], 'There is no command "scna". Did you mean "scan"?'],
    [['help', 'scna'], 'There is no command "scna". Did you mean "scan"?'],
    [['xyzzy'], 'There is no command "xyzzy". There is: scan,'],
    [['serve'], 'pnpm demo serve needs one of: github'],
    [['serve', 'gitlab'], 'There is no command "serve gitlab". Did you mean "github"?'],
    [['--', 'scan'], 'Write scan before "--": what comes after it is no command.'],
    [['scan', 'acme'], 'What is "acme"? See "pnpm demo scan --help".'],
    [['scan', '--orgs', 'acme'], `Unknown option '--orgs'. Did you mean --org? See "pnpm demo scan --help".`],
    [['scan', '--no-org'], "Unknown option '--no-org'. --org takes a value."],
    [['scan', '--constructor'], "Unknown option '--constructor'. See"],
    [['scan', '--org'], "Option '--org <value>' argument missing."],
    [['scan', '--fast=yes'], "Option '--fast' does not take an argument."],
    [['--org', 'acme'], `Unknown option '--org'. It belongs to "pnpm demo scan".`],
    [['cache', '--force'], `Unknown option '--force'. It belongs to "pnpm demo cache clear".`],
    [['cache', '--json'], `Unknown option '--json'. It belongs to "pnpm demo cache status".`],
    [['completion'], 'pnpm demo completion needs SHELL.'],
  ])('refuses %j', (words, problem) => {
    expect(() => read(...words)).toThrow(UsageError)
    expect(() => read(...words)).toThrow(problem)
  })
})

it('the strategies of --strategy are those of the package', () => {
  const [, scan] = COMMANDS
  expect([...(scan?.options['strategy']?.choices ?? [])].toSorted()).toEqual([...BATCH_STRATEGIES].toSorted())
})

it('a version of Node.js that is too old is told from one that will do', () => {
  expect(['20.20.2', '22.17.9', '22.18.0', '24.0.0', '24.1.0-nightly'].map(isTooOld)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

it('what has a format has --json for it', () => {
  const withFormat = COMMANDS.filter(({ options }) => options['format'] !== undefined)
  expect(withFormat.map(({ name }) => name)).toEqual([
    'scan',
    'jira issues',
    'cache status',
    'cache keys',
    'cache clear',
  ])
  for (const { options } of withFormat) expect(options['json']?.standsFor).toEqual({ option: 'format', value: 'json' })
})
