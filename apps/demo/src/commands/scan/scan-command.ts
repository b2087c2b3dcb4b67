import { type Command, defineCommand } from '../../cli/command.ts'
import { choice, duration, flag, JSON_FLAG, number, text, texts, textOr } from '../../cli/option.ts'
import { SCAN_FORMATS } from '../../formats/scan-format-names.ts'
import { assertCachePlace, CACHE_OPTION_ABOUT } from '../cache-option.ts'
import { assertHttpUrl } from '../http-url.ts'

/** As `@x/github-batch` names them, without loading it: a test keeps them the same. */
const STRATEGIES = ['adaptive', 'sequential', 'parallel', 'aggressive', 'conservative'] as const

const RESUMED = { option: 'resume', because: 'a resumed scan keeps what it was begun with' }

export const scanCommand: Command = defineCommand({
  name: 'scan',
  summary: 'Scans repositories for compromised packages, with few API calls.',
  description:
    'A token is taken from GITHUB_TOKEN or GH_TOKEN. What was fetched is kept: a second scan asks only for what has changed, and ' +
    'one that was stopped goes on from where it stood.\n\n' +
    'Archived repositories and forks are counted as skipped unless they are asked for. Whatever cannot be read is named, and makes ' +
    'the scan incomplete.',
  options: {
    org: texts({
      heading: 'What to scan',
      alternative: 'repositories',
      value: 'NAME',
      about: 'An organisation or user.',
    }),
    team: texts({
      alternative: 'repositories',
      value: 'ORG/TEAM',
      about: 'The repositories that a team has access to.',
    }),
    repo: texts({
      alternative: 'repositories',
      value: 'OWNER/NAME',
      about:
        'Only this repository, or those that a glob matches. Beside one --org, NAME alone will do, and nothing else of it is scanned.',
    }),
    exclude: texts({
      decidedBy: RESUMED,
      value: 'GLOB',
      about:
        'Not these repositories, as OWNER/NAME; with --path, not these paths, nor what is below them. * spans slashes too.',
    }),
    'include-archived': flag({ decidedBy: RESUMED, about: 'Scan archived repositories too.' }),
    'include-forks': flag({ decidedBy: RESUMED, about: 'Scan forks too.' }),
    path: texts({
      alternative: 'path',
      value: 'PATH',
      completes: 'folder',
      about: 'A folder, or a single dependency file, of this machine instead of repositories of GitHub.',
    }),
    resume: text({
      alternative: 'resume',
      value: 'ID',
      about:
        'Go on with a scan that was stopped, killed, or incomplete: of what it was begun with, and as listed then, asking for nothing twice. ' +
        'Beside it, --exclude, --include-archived, --include-forks and --fast are refused.',
    }),
    'list-scans': flag({
      alternative: 'list',
      about: 'The scans that can be resumed, as table or json, instead of scanning.',
    }),
    fast: flag({
      decidedBy: RESUMED,
      about: 'Only the files at the root of each repository or folder: fewer requests, and what is below is not seen.',
    }),
    try: flag({
      alternative: 'try',
      about: 'An organisation of real git repositories, on a GitHub-compatible server that runs meanwhile.',
    }),
    ioc: texts({
      value: 'FILE',
      completes: 'file',
      about:
        'Compromised packages: JSON such as {"npm": {"event-stream": ["3.3.6"]}}, lines of [ecosystem:]name:version, CSV, OSV documents, or a folder of these.',
      without: 'a bundled list of well documented incidents, enough to try a scan',
    }),
    'api-url': textOr('https://api.github.com', {
      heading: 'How',
      value: 'URL',
      about: 'The REST API: https://HOST/api/v3 for GitHub Enterprise.',
      environment: 'GITHUB_API_URL',
      check: assertHttpUrl,
    }),
    cache: text({
      value: 'PLACE',
      completes: 'file',
      check: assertCachePlace,
      about: CACHE_OPTION_ABOUT,
      without: "x/scan.sqlite in the user's cache folder",
    }),
    offline: flag({ about: 'Ask for nothing: match what is kept against the list, and name what is missing.' }),
    'full-sweep': flag({
      about: 'List every repository anew, instead of what was pushed since the last list of today.',
    }),
    budget: number(undefined, {
      value: 'POINTS',
      least: 1,
      most: Number.POSITIVE_INFINITY,
      about: 'Points, REST and GraphQL together, to stop before; what is missing then is named.',
    }),
    strategy: choice(STRATEGIES, {
      value: 'STRATEGY',
      about:
        'How much is asked for at once and together; adaptive goes by the points left, the network and the size. The result is the same.',
    }),
    'batch-size': number(undefined, {
      value: 'COUNT',
      least: 1,
      most: 100,
      about: 'Files that a query asks for at first.',
    }),
    'max-concurrent': number(10, {
      value: 'COUNT',
      least: 1,
      most: 100,
      about: 'Requests on the wire at the same time.',
    }),
    'rate-limit-buffer': number(0.8, {
      value: 'SHARE',
      least: 0.01,
      most: 1,
      whole: false,
      about: 'The share of each hourly limit to use; the rest is left to others with the same token.',
    }),
    'max-wait': duration('65m', { about: 'The longest time to wait for a rate limit to lift.' }),
    format: choice(SCAN_FORMATS, { heading: 'The result', value: 'FORMAT', about: 'How to write it.' }),
    json: JSON_FLAG,
    output: text({
      value: 'FILE',
      completes: 'file',
      about: 'Where to write it; the file is whole or not there.',
      without: 'standard output',
    }),
    'fail-on': choice(['findings', 'incomplete', 'never'], {
      value: 'WHAT',
      about: 'When to end with 5 (findings) or 6 (incomplete): for both, for an incomplete scan alone, or never.',
    }),
  },
  variables: [['GITHUB_TOKEN, GH_TOKEN', 'The token, from the first that is set; it can be given nowhere else.']],
  examples: [
    { about: 'Try it at once, on a server of this machine', words: 'scan --try' },
    { about: 'An organisation', words: 'scan --org acme' },
    {
      about: 'Two repositories, against a list of your own',
      words: 'scan --repo acme/web --repo acme/api --ioc list.txt',
    },
    { about: 'A new list against what is kept, without a call', words: 'scan --org acme --ioc list.txt --offline' },
    { about: 'Go on with a scan that was stopped', words: 'scan --resume 20261125101500-1a2b3c4d' },
    { about: 'This folder, for code scanning', words: 'scan --path . --format sarif --output result.sarif' },
    { about: 'GitHub Enterprise', words: 'scan --org acme --api-url https://github.example.com/api/v3' },
  ],
  run: async (invocation) => (await import('./run-scan.ts')).runScan(invocation.options, invocation),
})
