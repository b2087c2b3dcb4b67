import { describe, expect, it } from 'vitest'

import { parseCommand, UsageError } from '../src/command-line.ts'

describe('parseCommand()', () => {
  it('takes no words as the tour', () => {
    expect(parseCommand([])).toEqual({ name: 'tour' })
    expect(parseCommand(['--debug'])).toEqual({ name: 'tour' })
  })

  it('takes --help anywhere', () => {
    for (const words of [['--help'], ['scan', '--help'], ['-h'], ['help']])
      expect(parseCommand(words)).toEqual({ name: 'help' })
  })

  it('fills in every default of a scan', () => {
    expect(parseCommand(['scan', '--org', 'acme'])).toEqual({
      name: 'scan',
      organizations: ['acme'],
      repositories: [],
      includeArchived: false,
      includeForks: false,
      apiUrl: 'https://api.github.com',
      iocPaths: [],
      cachePath: undefined,
      maxWait: '65m',
      json: false,
    })
  })

  it('narrows an organisation to the repositories named beside it', () => {
    const words = ['scan', '--org', 'acme', '--repo', 'web', '--repo', 'other/api']
    expect(parseCommand(words)).toMatchObject({ organizations: [], repositories: ['acme/web', 'other/api'] })
  })

  it.each([
    [['scna'], 'There is no command "scna".'],
    [['scan', 'acme'], 'What is "acme"?'],
    [['scan'], 'Nothing to scan: give --org or --repo.'],
    [['scan', '--orgs', 'acme'], "Unknown option '--orgs'."],
    [['scan', '--org'], "Option '--org <value>' argument missing."],
    [['--org', 'acme'], '--org belongs to a command: "pnpm demo scan --org …".'],
    [['scan', '--repo', 'web'], 'Whose repository is "web"? Write OWNER/NAME, or give one --org.'],
    [['scan', '--org', 'a', '--api-url', 'localhost:1'], '--api-url must be an http or https URL.'],
    [['scan', '--org', 'a', '--repo', 'b/c'], '--org a would not be scanned: no --repo is of it.'],
    [['scan', '--org', 'a', '--max-wait', 'soon'], "--max-wait: Not a duration: 'soon'."],
  ])('refuses %j', (words, problem) => {
    expect(() => parseCommand(words)).toThrow(UsageError)
    expect(() => parseCommand(words)).toThrow(problem)
  })
})
