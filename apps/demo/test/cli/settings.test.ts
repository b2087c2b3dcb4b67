import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

import { configuredValues, readConfigurationFile } from '../../src/cli/configuration-file.ts'
import { choice, duration, flag, JSON_FLAG, number, text, texts, textOr } from '../../src/cli/option.ts'
import { ConfigurationError, UsageError } from '../../src/cli/program-error.ts'
import { settle } from '../../src/cli/settings.ts'
import { COMMANDS } from '../../src/commands/command-table.ts'

const OPTIONS = {
  org: texts({ value: 'NAME', about: '' }),
  'api-url': textOr('https://default', { value: 'URL', about: '', environment: 'SOME_API_URL' }),
  cache: text({ value: 'PLACE', about: '' }),
  quiet: flag({ about: '' }),
  'max-wait': duration('65m', { about: '' }),
  port: number(0, { value: 'PORT', least: 0, most: 10, about: '' }),
  format: choice(['table', 'json'], { value: 'FORMAT', about: '' }),
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'x-demo-settings-'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => {
  vi.unstubAllEnvs()
})

const file = (content: object): Parameters<typeof settle>[1]['file'] => ({
  path: 'demo.json',
  content: content as Record<string, unknown>,
})

describe('settle()', () => {
  it('gives every option its default', () => {
    expect(settle(OPTIONS, { given: {}, file: undefined, name: 'scan' })).toEqual({
      org: [],
      apiUrl: 'https://default',
      cache: undefined,
      quiet: false,
      maxWait: '65m',
      port: 0,
      format: 'table',
    })
  })

  it('puts the command line before the environment, the environment before the file, the file before the default', () => {
    const content = file({ 'api-url': 'https://file', cache: 'file', port: 3, quiet: true })
    vi.stubEnv('X_DEMO_API_URL', 'https://own-variable')
    vi.stubEnv('SOME_API_URL', 'https://variable')
    vi.stubEnv('X_DEMO_CACHE', 'variable')
    const given = { 'api-url': 'https://line', quiet: false }
    expect(settle(OPTIONS, { given, file: content, name: 'scan' })).toMatchObject({
      apiUrl: 'https://line',
      cache: 'variable',
      port: 3,
      quiet: false,
      format: 'table',
    })
    expect(settle(OPTIONS, { given: {}, file: content, name: 'scan' })).toMatchObject({
      apiUrl: 'https://own-variable',
      quiet: true,
    })
    vi.stubEnv('X_DEMO_API_URL', '')
    expect(settle(OPTIONS, { given: {}, file: content, name: 'scan' })).toMatchObject({ apiUrl: 'https://variable' })
  })

  it('lets what stands nearest to a command in the file win', () => {
    const content = file({ cache: 'all', port: 1, jira: { cache: 'jira', issues: { port: 2 } } })
    expect(settle(OPTIONS, { given: {}, file: content, name: 'scan' })).toMatchObject({ cache: 'all', port: 1 })
    expect(settle(OPTIONS, { given: {}, file: content, name: 'jira issues' })).toMatchObject({ cache: 'jira', port: 2 })
    expect(settle(OPTIONS, { given: {}, file: content, name: 'jira warm' })).toMatchObject({ cache: 'jira', port: 1 })
  })

  it('takes a list whole from the first that has it', () => {
    const content = file({ org: ['a', 'b'] })
    expect(settle(OPTIONS, { given: {}, file: content, name: 'scan' })).toMatchObject({ org: ['a', 'b'] })
    vi.stubEnv('X_DEMO_ORG', 'c, d')
    expect(settle(OPTIONS, { given: {}, file: content, name: 'scan' })).toMatchObject({ org: ['c', 'd'] })
    expect(settle(OPTIONS, { given: { org: ['e'] }, file: content, name: 'scan' })).toMatchObject({ org: ['e'] })
  })

  describe('with a flag that stands for a value', () => {
    const options = { format: choice(['table', 'json', 'csv'], { value: 'FORMAT', about: '' }), json: JSON_FLAG }
    const formatOf = (given: Readonly<Record<string, string | boolean>>, content: object = {}): unknown =>
      settle(options, { given, file: file(content), name: 'scan' })['format']

    it('sets it where the flag stands, and yields to what goes before', () => {
      expect(formatOf({ json: true })).toBe('json')
      expect(formatOf({ json: true, format: 'json' })).toBe('json')
      expect(formatOf({ json: true }, { format: 'csv' })).toBe('json')
      expect(formatOf({ format: 'csv' }, { json: true })).toBe('csv')
      expect(formatOf({}, { json: true })).toBe('json')
      expect(formatOf({ json: false }, { json: true })).toBe('table')
      vi.stubEnv('X_DEMO_JSON', '1')
      expect(formatOf({}, { format: 'csv' })).toBe('json')
      expect(formatOf({ format: 'csv' })).toBe('csv')
    })

    it('refuses another value in the same place', () => {
      expect(() => formatOf({ json: true, format: 'csv' })).toThrow(
        new UsageError('Give --json or --format csv, not both.'),
      )
      expect(() => formatOf({}, { json: true, format: 'csv' })).toThrow(
        new ConfigurationError('Give --json or --format csv, not both (file).'),
      )
    })
  })

  it('takes what excludes each other from the nearest place that names any of it', () => {
    const options = {
      org: texts({ value: 'NAME', about: '', alternative: 'repositories' }),
      repo: texts({ value: 'NAME', about: '', alternative: 'repositories' }),
      path: texts({ value: 'PATH', about: '', alternative: 'path' }),
      try: flag({ about: '', alternative: 'try' }),
    }
    const content = file({ org: ['acme'], try: false })
    const named = (given: Readonly<Record<string, string[] | boolean>>): unknown =>
      settle(options, { given, file: content, name: 'scan' })
    expect(named({})).toEqual({ org: ['acme'], repo: [], path: [], try: false })
    expect(named({ path: ['.'] })).toEqual({ org: [], repo: [], path: ['.'], try: false })
    expect(named({ try: true })).toEqual({ org: [], repo: [], path: [], try: true })
    expect(named({ repo: ['web'] })).toEqual({ org: ['acme'], repo: ['web'], path: [], try: false })
    // Two of one place still clash, which the command says.
    expect(named({ path: ['.'], try: true })).toMatchObject({ path: ['.'], try: true })
  })

  describe('with an option that another has decided', () => {
    const decidedBy = { option: 'resume', because: 'it keeps what it was begun with' }
    const options = {
      resume: text({ value: 'ID', about: '' }),
      exclude: texts({ value: 'GLOB', about: '', decidedBy }),
      fast: flag({ about: '', decidedBy }),
    }
    const settled = (given: Readonly<Record<string, string | string[] | boolean>>, content: object = {}): unknown =>
      settle(options, { given, file: file(content), name: 'scan' })

    it('leaves out what stands farther from the user', () => {
      expect(settled({ resume: 'x' }, { exclude: ['a'], fast: true })).toEqual({
        resume: 'x',
        exclude: [],
        fast: false,
      })
      expect(settled({ exclude: ['a'] }, { fast: true })).toEqual({ resume: undefined, exclude: ['a'], fast: true })
    })

    it('refuses what stands beside it, or nearer', () => {
      const message = '--exclude does not go with --resume: it keeps what it was begun with.'
      expect(() => settled({ resume: 'x', exclude: ['a'] })).toThrow(new UsageError(message))
      expect(() => settled({ exclude: ['a'] }, { resume: 'x' })).toThrow(new UsageError(message))
      expect(() => settled({ resume: 'x', fast: false })).toThrow('--no-fast does not go with --resume')
      expect(() => settled({}, { resume: 'x', fast: true })).toThrow(ConfigurationError)
    })
  })

  it.each([
    [{ port: '11' }, '--port must be a whole number from 0 to 10, not "11".'],
    [{ port: '1.5' }, '--port must be a whole number from 0 to 10, not "1.5".'],
    [{ port: ' ' }, '--port must be a whole number from 0 to 10, not " ".'],
    [{ 'max-wait': 'soon' }, '--max-wait must be a duration such as 90s or 5m, not "soon".'],
    [{ 'max-wait': '-5m' }, '--max-wait must be a duration such as 90s or 5m, not "-5m".'],
    [{ format: 'xml' }, '--format must be table or json, not "xml".'],
    [{ cache: '' }, '--cache must not be empty.'],
  ])('refuses %j on the command line', (given, message) => {
    expect(() => settle(OPTIONS, { given, file: undefined, name: 'scan' })).toThrow(new UsageError(message))
  })

  it('refuses the same elsewhere as a bad configuration, and says where', () => {
    vi.stubEnv('X_DEMO_QUIET', 'maybe')
    expect(() => settle(OPTIONS, { given: {}, file: undefined, name: 'scan' })).toThrow(
      new ConfigurationError('The environment variable X_DEMO_QUIET must be true or false, not "maybe".'),
    )
    vi.unstubAllEnvs()
    const refused =
      (content: object): (() => unknown) =>
      () =>
        settle(OPTIONS, { given: {}, file: file(content), name: 'scan' })
    expect(refused({ port: 99 })).toThrow(
      new ConfigurationError('demo.json: "port" must be a whole number from 0 to 10, not "99".'),
    )
    expect(refused({ quiet: 'yes' })).toThrow(new ConfigurationError('demo.json: "quiet" must be true or false.'))
    expect(refused({ org: [true] })).toThrow(new ConfigurationError('demo.json: "org" must be a text or a number.'))
  })
})

describe('readConfigurationFile()', () => {
  const write = async (content: string): Promise<string> => {
    const path = join(folder, 'demo.json')
    await writeFile(path, content)
    return path
  }

  it("reads the user's own file where there is one", async () => {
    vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'nowhere'))
    expect(readConfigurationFile(undefined, COMMANDS)).toBeUndefined()
    const path = await write('{ "scan": { "org": ["acme"] }, "quiet": true }')
    expect(readConfigurationFile(path, COMMANDS)).toEqual({ path, content: { scan: { org: ['acme'] }, quiet: true } })
  })

  it('takes an option that has the name of a group of commands for either', async () => {
    const value = readConfigurationFile(await write('{ "cache": ":memory:" }'), COMMANDS)
    expect(value && configuredValues(value, 'scan')).toEqual({ cache: ':memory:' })
    const section = readConfigurationFile(await write('{ "cache": { "format": "json" } }'), COMMANDS)
    expect(section && configuredValues(section, 'cache status')).toEqual({ format: 'json' })
    expect(section && configuredValues(section, 'scan')).toEqual({})
  })

  it.each([
    ['{ "cache": { "org": "acme" } }', 'there is no option "org" for cache.'],
    ['{ "scna": {} }', 'there is no option "scna". Did you mean "scan"?'],
    ['{ "scan": { "orgs": [] } }', 'there is no option "orgs" for scan. Did you mean "org"?'],
    ['{ "scan": { "port": 1 } }', 'there is no option "port" for scan.'],
    ['{ "config": "x" }', 'there is no option "config".'],
    ['{ "help": true }', 'there is no option "help".'],
    ['{ "scan": 1 }', '"scan" must be an object of options.'],
    ['{ "scan": { "org": {} } }', '"org" for scan must be no object.'],
    ['{ "__proto__": 1 }', 'there is no option "__proto__".'],
    ['[]', 'must be a JSON object of options'],
    ['{', 'is not JSON'],
  ])('refuses %s', async (content, message) => {
    const path = await write(content)
    expect(() => readConfigurationFile(path, COMMANDS)).toThrow(ConfigurationError)
    expect(() => readConfigurationFile(path, COMMANDS)).toThrow(message)
  })

  it('refuses a file that was named and is not there', () => {
    expect(() => readConfigurationFile(join(folder, 'none.json'), COMMANDS)).toThrow('Cannot read the configuration')
  })
})
