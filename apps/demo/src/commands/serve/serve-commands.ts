import { type Command, defineCommand } from '../../cli/command.ts'
import { flag, number } from '../../cli/option.ts'

const PORT = number(0, { value: 'PORT', least: 0, most: 65_535, about: 'On 127.0.0.1; 0 takes a free one.' })

const JSON_LINE = flag({ about: 'Print what to set as JSON instead.' })

/** The servers of this repository, to try the other commands against. */
export const serveCommands: readonly Command[] = [
  defineCommand({
    name: 'serve github',
    summary: 'Runs a GitHub-compatible server with an organisation of real git repositories until Ctrl-C.',
    description: 'The line it prints sets the environment of another terminal, so that "scan --org acme" goes there.',
    options: { port: PORT, json: JSON_LINE },
    examples: [{ about: 'On a port of your choice', words: 'serve github --port 8080' }],
    run: async (invocation) => (await import('./serve-github.ts')).serveGitHub(invocation.options, invocation),
  }),
  defineCommand({
    name: 'serve jira',
    summary: 'Runs a Jira-compatible server with 1,000 issues until Ctrl-C.',
    description: 'The line it prints sets the environment of another terminal, so that "jira issues" goes there.',
    options: { port: PORT, json: JSON_LINE },
    examples: [{ about: 'On a free port', words: 'serve jira' }],
    run: async (invocation) => (await import('./serve-jira.ts')).serveJira(invocation.options, invocation),
  }),
]
