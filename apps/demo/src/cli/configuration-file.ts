import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { closest } from './closest.ts'
import { isWithin, within } from './command-line.ts'
import { type Command } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { type Options } from './option.ts'
import { ConfigurationError } from './program-error.ts'
import { configurationFolder } from './user-folder.ts'

/** What a file cannot set: it says where the file is, or is asked for once. */
const ON_THE_LINE_ALONE: ReadonlySet<string> = new Set(['config', 'help', 'version'])

type JsonObject = Readonly<Record<string, unknown>>

/** A file of options: those of every command, and in an object named for a command those of it alone. */
export interface ConfigurationFile {
  readonly path: string
  readonly content: JsonObject
}

function defaultConfigurationPath(): string {
  return join(configurationFolder(), 'x', 'demo.json')
}

/**
 * Reads the file named, or the user's own if there is one. A file of the current folder is never taken unasked: whoever
 * wrote what is being scanned could then say where the token goes.
 *
 * @throws ConfigurationError naming the file and what is wrong with it.
 */
export function readConfigurationFile(
  named: string | undefined,
  commands: readonly Command[],
): ConfigurationFile | undefined {
  const path = named ?? defaultConfigurationPath()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (named === undefined && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    throw new ConfigurationError(`Cannot read the configuration ${path}: ${code}.`, { cause })
  }
  const content = parse(text, path)
  checkNames(content, { path, group: '', commands })
  return { path, content }
}

/** What a file sets for a command: what stands nearest to its name wins. */
export function configuredValues({ content }: ConfigurationFile, name: string): JsonObject {
  let section: JsonObject = content
  let values = optionsOf(section)
  for (const word of name.split(' ')) {
    const next = section[word]
    if (!isObject(next)) break
    section = next
    values = { ...values, ...optionsOf(section) }
  }
  return values
}

function parse(text: string, path: string): JsonObject {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw new ConfigurationError(`The configuration ${path} is not JSON: ${(cause as Error).message}.`, { cause })
  }
  if (!isObject(content)) throw new ConfigurationError(`The configuration ${path} must be a JSON object of options.`)
  return content
}

interface Section {
  readonly path: string
  readonly group: string
  readonly commands: readonly Command[]
}

/** A misspelt name would be a setting that has no effect. */
function checkNames(section: JsonObject, { path, group, commands }: Section): void {
  const inside = commands.filter(({ name }) => isWithin(name, group))
  const options: Options = Object.assign({}, GLOBAL_OPTIONS, ...inside.map((command) => command.options)) as Options
  const names = Object.keys(options).filter((name) => !ON_THE_LINE_ALONE.has(name))
  const groups = within(group, commands).split(', ')
  const where = group === '' ? '' : ` for ${group}`
  for (const [key, value] of Object.entries(section)) {
    const [isGroup, isOption] = [groups.includes(key), names.includes(key)]
    if (!isGroup && !isOption) {
      const meant = closest(key, [...names, ...groups])
      const advice = meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`
      throw new ConfigurationError(`${path}: there is no option ${JSON.stringify(key)}${where}.${advice}`)
    }
    // One name may be both: as `cache`, which is an option of some commands, and a group of others.
    if (isObject(value) ? !isGroup : !isOption) {
      const kind = isGroup ? 'an object of options' : 'no object'
      throw new ConfigurationError(`${path}: ${JSON.stringify(key)}${where} must be ${kind}.`)
    }
    if (isObject(value)) checkNames(value, { path, commands, group: group === '' ? key : `${group} ${key}` })
  }
}

function optionsOf(section: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => !isObject(value)))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
