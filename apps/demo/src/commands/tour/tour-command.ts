import { type Command, defineCommand } from '../../cli/command.ts'

export const tourCommand: Command = defineCommand({
  name: '',
  summary: 'A tour of a minute, on servers of this machine: a scan cold and warm, issues of Jira, and what was saved.',
  description:
    'Scans the repositories of a GitHub organisation, or folders of this machine, for compromised packages, with few API calls, ' +
    'and reads issues of Jira in bulk. ' +
    'Without a command it shows itself: it starts a GitHub-compatible server on this machine, scans its organisation cold and ' +
    'then warm, reads issues of a Jira-compatible one, and counts the calls that were saved.',
  options: {},
  examples: [{ about: 'The tour', words: '' }],
  run: async (invocation) => (await import('./tour.ts')).runTour(invocation),
})
