import { type ExitCode } from '@x/core'

import { type Style } from '../output/style.ts'
import { type Log } from '../view/log.ts'
import { type Option, type Options, type OptionValues } from './option.ts'

/** The words after the command that are no options. */
export interface Operands {
  readonly value: string
  readonly about: string
  /** How many there must be at least. */
  readonly least: number
  readonly most: number
  readonly choices?: readonly string[] | undefined
}

export interface Example {
  readonly about: string
  /** What stands after the program's name. */
  readonly words: string
}

/** What a command is given to run with. */
export interface Invocation<Specs extends Options = Options> {
  readonly options: OptionValues<Specs>
  readonly operands: readonly string[]
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  readonly log: Log
  /** For what goes to stdout. */
  readonly style: Style
}

export interface CommandSpec<Specs extends Options> {
  /** The words that call it, such as `cache status`; empty: the program alone. */
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Paragraphs that only its own help has. */
  readonly description?: string | undefined
  readonly operands?: Operands | undefined
  readonly options: Specs
  /** Variables of the environment that stand for no option, such as a token. */
  readonly variables?: readonly (readonly [name: string, about: string])[] | undefined
  readonly examples: readonly Example[]
  readonly run: (invocation: Invocation<Specs>) => Promise<ExitCode>
}

/** A command whose options are only known by their names. */
export interface Command extends Omit<CommandSpec<Options>, 'run'> {
  readonly run: (invocation: Invocation<Record<string, Option>>) => Promise<ExitCode>
}

/** Checks a command's code against its own table of options. */
export function defineCommand<const Specs extends Options>(spec: CommandSpec<Specs>): Command {
  return spec as unknown as Command
}
