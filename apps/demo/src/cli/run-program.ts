import { EXIT_CODES, type ExitCode, exitCodeOf } from '@x/core'

import { printable } from '../output/printable.ts'
import { type Style, styleFor, wantsColours } from '../output/style.ts'
import { Log } from '../view/log.ts'
import { Screen } from '../view/screen.ts'
import { type CommandLine, readCommandLine } from './command-line.ts'
import { type Command } from './command.ts'
import { readConfigurationFile } from './configuration-file.ts'
import { GLOBAL_OPTIONS, type GlobalValues, verbosityOf } from './global-options.ts'
import { helpText } from './help-text.ts'
import { COMMAND_NAME, programVersion } from './program.ts'
import { inOwnWords } from './own-words.ts'
import { ProgramError } from './program-error.ts'
import { settle } from './settings.ts'

const MOST_HELP_COLUMNS = 110

/** Runs what a command line asks for; every error becomes a line on stderr and an exit code. */
export async function runProgram(
  words: readonly string[],
  { commands, signal }: { readonly commands: readonly Command[]; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const screen = new Screen(process.stderr)
  try {
    const line = readCommandLine(words, commands)
    return await runLine(line, { commands, signal, screen })
  } catch (error) {
    return report(error, { screen, signal, details: words.includes('--debug') })
  } finally {
    screen.close()
  }
}

interface Surroundings {
  readonly commands: readonly Command[]
  readonly signal: AbortSignal
  readonly screen: Screen
}

async function runLine(line: CommandLine, { commands, signal, screen }: Surroundings): Promise<ExitCode> {
  const { command, name, given, operands } = line
  if (line.wants === 'version') {
    process.stdout.write(`${COMMAND_NAME} ${programVersion()}\n`)
    return EXIT_CODES.success
  }
  if (line.wants === 'help' || command === undefined) {
    const width = Math.min(process.stdout.columns || MOST_HELP_COLUMNS, MOST_HELP_COLUMNS)
    // Help must not fail for a file that is wrong: colours follow the environment alone.
    process.stdout.write(helpText(name, commands, { style: styleOf(process.stdout, 'auto'), width }))
    return EXIT_CODES.success
  }
  const named = settle({ config: GLOBAL_OPTIONS.config }, { given, file: undefined, name })['config']
  const file = readConfigurationFile(named as string | undefined, commands)
  const globals = settle(GLOBAL_OPTIONS, { given, file, name }) as GlobalValues
  const options = settle(command.options, { given, file, name })
  const log = new Log(screen, { verbosity: verbosityOf(globals), style: styleOf(process.stderr, globals.color) })
  if (file !== undefined) log.debug(`The configuration is ${file.path}.`)
  return command.run({ options, operands, signal, log, style: styleOf(process.stdout, globals.color) })
}

function styleOf(stream: NodeJS.WriteStream, when: GlobalValues['color']): Style {
  return styleFor(wantsColours(stream, when))
}

interface ReportOptions {
  readonly screen: Screen
  readonly signal: AbortSignal
  readonly details: boolean
}

function report(error: unknown, { screen, signal, details }: ReportOptions): ExitCode {
  screen.hide()
  if (signal.aborted) {
    screen.print('Stopped.')
    return EXIT_CODES.interrupted
  }
  screen.print(details && error instanceof Error ? (error.stack ?? error.message) : messageOf(error))
  return error instanceof ProgramError ? error.exitCode : exitCodeOf(error)
}

function messageOf(error: unknown): string {
  return printable(inOwnWords(error instanceof Error ? error.message : String(error)))
}
