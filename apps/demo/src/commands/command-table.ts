import { type Command } from '../cli/command.ts'
import { cacheCommands } from './cache/cache-commands.ts'
import { completionCommand } from './completion-command.ts'
import { jiraCommands } from './jira/jira-commands.ts'
import { scanCommand } from './scan/scan-command.ts'
import { serveCommands } from './serve/serve-commands.ts'
import { tourCommand } from './tour/tour-command.ts'

/** Every command: parsing, help, completion and the README's reference are made from these. */
export const COMMANDS: readonly Command[] = [
  tourCommand,
  scanCommand,
  ...jiraCommands,
  ...cacheCommands,
  ...serveCommands,
  completionCommand,
]
