import { EXIT_CODES } from '@x/core'

import { type Style } from '../output/style.ts'
import { isWithin } from './command-line.ts'
import { type Command } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { type Option, type Options } from './option.ts'
import { PROGRAM } from './program.ts'
import { environmentNames } from './settings.ts'

export interface HelpLayout {
  readonly style: Style
  /** Columns; lines are broken before. */
  readonly width: number
}

/** What each exit code means, for people. */
export const EXIT_CODE_MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  success: 'All went well; a scan found nothing and read everything.',
  general: 'A wrong option or argument, or a failure of another kind.',
  configuration: 'A credential is missing or refused, or the configuration cannot be understood.',
  cacheDatabase: 'The cache cannot be opened, is damaged, or may not be used.',
  network: 'A service cannot be reached, or does not answer in time or as it should.',
  threatsFound: 'Compromised packages were found.',
  scanIncomplete: 'Something could not be read, whatever was found.',
  interrupted: 'Stopped by Ctrl-C.',
}

/** Help on a command, on a group of commands, or for the empty name on the program. */
export function helpText(name: string, commands: readonly Command[], layout: HelpLayout): string {
  const command = commands.find((candidate) => candidate.name === name)
  return name === '' || command === undefined ? groupHelp(name, commands, layout) : commandHelp(command, layout)
}

/** Options under their headings, in the order of the table. */
export function optionGroups(options: Options): Map<string, [name: string, option: Option][]> {
  const groups = new Map<string, [string, Option][]>()
  let heading = 'Options'
  for (const entry of Object.entries(options)) {
    heading = entry[1].heading ?? heading
    groups.set(heading, [...(groups.get(heading) ?? []), entry])
  }
  return groups
}

export function optionSyntax(name: string, { kind, placeholder }: Option): string {
  return kind === 'flag' ? `--${name}` : `--${name} ${placeholder}`
}

/** Its sentence, and what else there is to know of its value. */
export function optionAbout({ about, kind, fallbackText, choices }: Option): string {
  const repeated = kind === 'list' ? ' May be repeated.' : ''
  const chosen = choices === undefined ? '' : ` One of ${choices.join(', ')}.`
  return `${about}${chosen}${repeated}${fallbackText === undefined ? '' : ` Default: ${fallbackText}.`}`
}

export function usageLine({ name, operands }: Command): string {
  return [PROGRAM, name, operands?.value, '[OPTIONS]'].filter((word) => word !== undefined && word !== '').join(' ')
}

function groupHelp(name: string, commands: readonly Command[], layout: HelpLayout): string {
  const { style } = layout
  const inside = commands.filter((command) => isWithin(command.name, name))
  const tour = commands.find((command) => command.name === '')
  const rows = inside.map((command): Row => [`${PROGRAM} ${command.name}`.trimEnd(), command.summary])
  const parts = [
    name === '' ? paragraphs(tour?.description ?? '', layout) : '',
    `${style.bold('Commands')}\n${table(rows, layout)}`,
    name === '' ? optionTable(GLOBAL_OPTIONS, layout) : '',
    name === '' ? `${style.bold('Exit codes')}\n${table(exitCodeRows(), layout)}` : '',
    paragraphs(`"${`${PROGRAM} ${name}`.trimEnd()} COMMAND --help" has the options and examples of each.`, layout),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function commandHelp(command: Command, layout: HelpLayout): string {
  const { style } = layout
  const { operands, examples, options, summary, description } = command
  const parts = [
    paragraphs(summary, layout),
    `${style.bold('Usage')}\n  ${usageLine(command)}`,
    operands === undefined ? '' : table([[operands.value, operands.about]], layout),
    description === undefined ? '' : paragraphs(description, layout),
    optionTable(options, layout),
    optionTable(GLOBAL_OPTIONS, layout),
    examples.length === 0 ? '' : `${style.bold('Examples')}\n${examples.map(exampleText).join('\n')}`,
    environmentText(command, layout),
    `${style.bold('Exit codes')}\n${table(exitCodeRows(), layout)}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

type Row = readonly [left: string, right: string]

function optionTable(options: Options, layout: HelpLayout): string {
  const parts = Array.from(optionGroups(options), ([heading, entries]) => {
    const rows = entries.map(([name, option]): Row => {
      const short = option.short === undefined ? '' : `-${option.short}, `
      return [`${short}${optionSyntax(name, option)}`, optionAbout(option)]
    })
    return `${layout.style.bold(heading)}\n${table(rows, layout)}`
  })
  return parts.join('\n\n')
}

function environmentText({ options, variables = [] }: Command, layout: HelpLayout): string {
  const [example] = Object.entries(options)
  if (example === undefined) return ''
  const [name] = environmentNames(...example)
  const others = Object.entries(options).flatMap(([key, option]): Row[] =>
    option.environment === undefined ? [] : [[option.environment, `As --${key}.`]],
  )
  const rule =
    `Every option may be set by a variable of its name, such as ${name ?? ''} for --${example[0]} (lists with commas), or in the ` +
    'configuration file. The command line goes first, then the environment, then the file.'
  const named = [...variables, ...others]
  const rows = named.length === 0 ? '' : `\n${table(named, layout)}`
  return `${layout.style.bold('Environment')}\n${wrap(rule, layout.width - 2)
    .map((line) => `  ${line}`)
    .join('\n')}${rows}`
}

function exampleText({ about, words }: Command['examples'][number]): string {
  return `  # ${about}\n  ${`${PROGRAM} ${words}`.trimEnd()}`
}

function exitCodeRows(): Row[] {
  return Object.entries(EXIT_CODES).map(([key, code]) => [
    String(code),
    EXIT_CODE_MEANINGS[key as keyof typeof EXIT_CODES],
  ])
}

/** The left column is as wide as its widest cell of up to 30 letters; what is wider gets a line of its own. */
function table(rows: readonly Row[], { width }: HelpLayout): string {
  const left = Math.max(...rows.map(([cell]) => cell.length).filter((length) => length <= 30), 3)
  const lines = rows.flatMap(([cell, about]) => {
    const wrapped = wrap(about, Math.max(24, width - left - 4))
    const [first = '', ...more] = cell.length > left ? ['', ...wrapped] : wrapped
    const indent = ' '.repeat(left + 4)
    return [`  ${cell.padEnd(left)}  ${first}`.trimEnd(), ...more.map((line) => indent + line)]
  })
  return lines.join('\n')
}

function paragraphs(text: string, { width }: HelpLayout): string {
  return text
    .split('\n\n')
    .map((paragraph) => wrap(paragraph, width).join('\n'))
    .join('\n\n')
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
