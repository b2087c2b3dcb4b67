import { parseArgs, type ParseArgsConfig } from 'node:util'

import { closest } from './closest.ts'
import { type Command } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { type Options } from './option.ts'
import { PROGRAM } from './program.ts'
import { UsageError } from './program-error.ts'

/** What a command line says, before defaults. */
export interface CommandLine {
  /** Absent: help or version was asked for, of the program or of a group of commands. */
  readonly command: Command | undefined
  /** The words that name the command, or a group of them. */
  readonly name: string
  /** The options given, by their names. */
  readonly given: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly operands: readonly string[]
  readonly wants: 'run' | 'help' | 'version'
}

/**
 * Reads a command line by the table of commands.
 *
 * @throws UsageError saying what is wrong with it.
 */
export function readCommandLine(words: readonly string[], commands: readonly Command[]): CommandLine {
  const { name, rest } = splitName(words, commands)
  const command = commands.find((candidate) => candidate.name === name)
  const { values, positionals } = parseWords(rest, { name, command, commands })
  const [first] = positionals
  if (first === 'help' && name === '') {
    const about = splitName(positionals.slice(1), commands)
    if (about.rest[0] !== undefined) throw unknownCommand(about.name, about.rest[0], commands)
    return { command: undefined, name: about.name, given: values, operands: [], wants: 'help' }
  }
  const line = { command, name, given: values, operands: positionals }
  if (values['help'] === true) return { ...line, wants: 'help' }
  if (values['version'] === true) return { ...line, wants: 'version' }
  if (command === undefined || (name === '' && first !== undefined)) {
    if (first === undefined) throw new UsageError(`${PROGRAM} ${name} needs one of: ${within(name, commands)}.`)
    throw unknownCommand(name, first, commands)
  }
  checkOperands(command, positionals)
  return { ...line, wants: 'run' }
}

/** The commands directly below a group, as the words that go on from it. */
export function within(group: string, commands: readonly Command[]): string {
  const names = commands.filter(({ name }) => name !== group && isWithin(name, group))
  const depth = group === '' ? 0 : group.split(' ').length
  return [...new Set(names.map(({ name }) => name.split(' ')[depth] ?? ''))].join(', ')
}

export function isWithin(name: string, group: string): boolean {
  return group === '' || name === group || name.startsWith(`${group} `)
}

/** Takes the words that name a command out of a line; options may stand before and between them. */
function splitName(words: readonly string[], commands: readonly Command[]): { name: string; rest: string[] } {
  let name = ''
  const rest: string[] = []
  for (const [index, word] of words.entries()) {
    if (word.startsWith('-') || isValueOf(words[index - 1])) {
      rest.push(word)
      if (word === '--') return { name, rest: [...rest, ...words.slice(index + 1)] }
      continue
    }
    const longer = name === '' ? word : `${name} ${word}`
    if (!commands.some((command) => command.name !== '' && isWithin(command.name, longer)))
      return { name, rest: [...rest, ...words.slice(index)] }
    name = longer
  }
  return { name, rest }
}

/** Whether a word before the command's name takes the next one: only options of every command may stand there. */
function isValueOf(word: string | undefined): boolean {
  return word?.startsWith('--') === true && (GLOBAL_OPTIONS as Options)[word.slice(2)]?.kind === 'single'
}

interface Place {
  readonly name: string
  readonly command: Command | undefined
  readonly commands: readonly Command[]
}

function parseWords(words: readonly string[], place: Place): Pick<ReturnType<typeof parse>, 'values' | 'positionals'> {
  const options: Options = { ...place.command?.options, ...GLOBAL_OPTIONS }
  try {
    return parse(words, options)
  } catch (error) {
    const [, unknown] = /^Unknown option '(?:--)?(?:no-)?([^']+)'/.exec((error as Error).message) ?? []
    const [sentence = ''] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(`${sentence.replace(/\.$/, '')}.${adviceOn(unknown, options, place)}`)
  }
}

function parse(words: readonly string[], options: Options): ReturnType<typeof parseArgs<ParseArgsConfig>> {
  const config = Object.entries(options).map(([name, { kind, short }]) => [
    name,
    {
      type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
      multiple: kind === 'list',
      ...(short === undefined ? {} : { short }),
    },
  ])
  return parseArgs({
    args: [...words],
    options: Object.fromEntries(config) as NonNullable<ParseArgsConfig['options']>,
    allowPositionals: true,
    allowNegative: true,
  })
}

function adviceOn(unknown: string | undefined, options: Options, { name, commands }: Place): string {
  const help = ` See "${[PROGRAM, name, '--help'].filter((word) => word !== '').join(' ')}".`
  if (unknown === undefined) return help
  if (Object.hasOwn(options, unknown)) return ` --${unknown} takes a value.${help}`
  const owners = commands.filter((command) => Object.hasOwn(command.options, unknown))
  const owner = owners.find((command) => isWithin(command.name, name)) ?? owners[0]
  if (owner !== undefined) return ` It belongs to "${PROGRAM} ${owner.name}".${help}`
  const meant = closest(unknown, Object.keys(options))
  return meant === undefined ? help : ` Did you mean --${meant}?${help}`
}

function unknownCommand(group: string, word: string, commands: readonly Command[]): UsageError {
  const candidates = within(group, commands).split(', ')
  if (candidates.includes(word)) return new UsageError(`Write ${word} before "--": what comes after it is no command.`)
  const meant = closest(word, candidates)
  const called = group === '' ? word : `${group} ${word}`
  const advice = meant === undefined ? `There is: ${candidates.join(', ')}.` : `Did you mean "${meant}"?`
  return new UsageError(`There is no command ${JSON.stringify(called)}. ${advice}`)
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const called = `${PROGRAM} ${name}`.trimEnd()
  const { least, most, value, choices } = operands ?? { least: 0, most: 0, value: '', choices: undefined }
  const extra = given[most]
  if (extra !== undefined) throw new UsageError(`What is ${JSON.stringify(extra)}? See "${called} --help".`)
  if (given.length < least) throw new UsageError(`${called} needs ${value}. See "${called} --help".`)
  const wrong = given.find((word) => choices !== undefined && !choices.includes(word))
  if (wrong !== undefined)
    throw new UsageError(`${value} must be one of ${(choices ?? []).join(', ')}, not ${JSON.stringify(wrong)}.`)
}
