import { type Command, defineCommand } from '../../cli/command.ts'
import { choice, flag, JSON_FLAG, number, type Option, text, texts } from '../../cli/option.ts'
import { ISSUE_FORMATS } from '../../formats/issues/issue-format-names.ts'
import { assertHttpUrl } from '../http-url.ts'
import { assertCachePlace, CACHE_OPTION_ABOUT } from '../cache-option.ts'

/** Where Jira is, and who asks. */
const CONNECTION: {
  readonly url: Option<string | undefined>
  readonly email: Option<string | undefined>
  readonly try: Option<boolean>
  readonly cache: Option<string | undefined>
  readonly 'max-concurrent': Option<number>
} = {
  url: text({
    heading: 'Jira',
    value: 'URL',
    about: 'The site, such as https://acme.atlassian.net.',
    environment: 'JIRA_URL',
    check: assertHttpUrl,
  }),
  email: text({
    value: 'ADDRESS',
    about: 'The account of the token; without one, the token is sent as a personal access token of Data Center.',
    environment: 'JIRA_EMAIL',
  }),
  try: flag({ about: 'A Jira-compatible server with 1,000 issues, which runs meanwhile.' }),
  cache: text({
    value: 'PLACE',
    completes: 'file',
    check: assertCachePlace,
    about: CACHE_OPTION_ABOUT,
    without: "a file for each site and account in x/jira of the user's cache folder",
  }),
  'max-concurrent': number(10, {
    value: 'COUNT',
    least: 1,
    most: 100,
    about: 'Requests on the wire at the same time.',
  }),
}

const TOKEN = 'The token is taken from JIRA_TOKEN.'
const VARIABLES = [['JIRA_TOKEN', 'The token; it can be given nowhere else.']] as const

export const jiraCommands: readonly Command[] = [
  defineCommand({
    name: 'jira issues',
    summary: 'Reads issues of Jira, a hundred in a request.',
    description:
      `${TOKEN} What was read is kept: issues for five minutes, the keys that a query found for one. Issues that are missing, or ` +
      'that the account may not see, are named, and the exit code is 6.',
    operands: { value: 'KEY…', about: 'Keys of issues, such as PAY-1, or ids.', least: 0, most: Infinity },
    options: {
      jql: text({ heading: 'Which issues', value: 'QUERY', about: 'Those that a query finds, in its order.' }),
      stdin: flag({ about: 'Those whose keys come in on standard input, between spaces or line breaks.' }),
      fields: texts({
        value: 'NAME,…',
        about: 'Their fields, by id or by name; *all for every one, -NAME to leave one out.',
        without: 'summary, status, assignee, updated',
      }),
      fresh: flag({ about: 'Ask Jira, whatever is kept.' }),
      format: choice(ISSUE_FORMATS, { heading: 'The result', value: 'FORMAT', about: 'How to write it.' }),
      json: JSON_FLAG,
      output: text({
        value: 'FILE',
        completes: 'file',
        about: 'Where to write it; the file is whole or not there.',
        without: 'standard output',
      }),
      ...CONNECTION,
    },
    variables: VARIABLES,
    examples: [
      { about: 'Try it at once, on a server of this machine', words: 'jira issues PAY-1 PAY-2 --try' },
      { about: 'What a query finds', words: `jira issues --jql 'project = PAY AND status = Done' --try` },
      {
        about: 'As CSV, with fields of your choice',
        words: 'jira issues --jql "project = WEB" --fields summary,labels --format csv --try',
      },
      { about: 'Keys from another program', words: 'jira issues --stdin --json' },
    ],
    run: async (invocation) => (await import('./read-issues.ts')).readIssues(invocation.options, invocation),
  }),
  defineCommand({
    name: 'jira warm',
    summary: 'Reads what hardly changes into the cache: projects, fields, users.',
    description:
      `${TOKEN} Programs that share the cache find them under their keys, in the categories project, field and user. Names of ` +
      'fields that "jira issues --fields" is given are looked up there. A part that cannot be read leaves what was kept as it was; a ' +
      'cache that cannot be written ends the command.',
    options: {
      projects: flag({ heading: 'What', about: 'The projects, by key.' }),
      fields: flag({ about: 'The fields, by id.' }),
      users: flag({ about: 'The users, by account id.' }),
      all: flag({ about: 'All of these.' }),
      ...CONNECTION,
    },
    variables: VARIABLES,
    examples: [{ about: 'Everything, on a server of this machine', words: 'jira warm --all --try' }],
    run: async (invocation) => (await import('./warm-jira.ts')).warmJira(invocation.options, invocation),
  }),
]
