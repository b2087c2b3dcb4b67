import { type CommandLine } from './command-line.ts'
import { type ConfigurationFile, configuredValues } from './configuration-file.ts'
import { environmentVariable } from './environment-variable.ts'
import { type Option, type Options } from './option.ts'
import { ENVIRONMENT_PREFIX } from './program.ts'
import { ConfigurationError, UsageError } from './program-error.ts'

export interface SettingSources {
  /** What the command line gives. */
  readonly given: CommandLine['given']
  readonly file: ConfigurationFile | undefined
  /** The command whose options these are. */
  readonly name: string
}

/**
 * The value of every option, by its name in camel case. The command line goes before the environment, the environment
 * before the configuration file, the file before the default; a list is taken whole from the first that has it.
 *
 * @throws UsageError for a bad value on the command line; ConfigurationError for one elsewhere.
 */
export function settle(options: Options, { given, file, name }: SettingSources): Record<string, unknown> {
  const configured = file === undefined ? {} : configuredValues(file, name)
  const values = Object.entries(options).map(([key, option]) => {
    const value =
      fromCommandLine(key, option, given[key]) ??
      fromEnvironment(key, option) ??
      fromFile(option, configured[key], `${file?.path ?? ''}: ${JSON.stringify(key)}`)
    return [camelCase(key), value === undefined ? option.fallback : value]
  })
  return Object.fromEntries(values) as Record<string, unknown>
}

/** The variables that stand for an option, the one that goes first first. */
export function environmentNames(key: string, { environment }: Option): string[] {
  const own = `${ENVIRONMENT_PREFIX}${key.toUpperCase().replaceAll('-', '_')}`
  return environment === undefined ? [own] : [own, environment]
}

function fromCommandLine(key: string, option: Option, value: CommandLine['given'][string]): unknown {
  if (value === undefined || typeof value === 'boolean') return value
  try {
    return Array.isArray(value) ? value.map((one) => option.read(String(one))) : option.read(value)
  } catch (error) {
    throw new UsageError(`--${key} ${(error as Error).message}`)
  }
}

function fromEnvironment(key: string, option: Option): unknown {
  for (const name of environmentNames(key, option)) {
    const text = environmentVariable(name)
    if (text === undefined) continue
    try {
      if (option.kind !== 'list') return option.read(text)
      return text.split(',').map((one) => option.read(one.trim()))
    } catch (error) {
      throw new ConfigurationError(`The environment variable ${name} ${(error as Error).message}`)
    }
  }
  return undefined
}

const JSON_TYPES = { flag: ['boolean'], single: ['string', 'number'], list: ['string', 'number'] }

function fromFile(option: Option, value: unknown, place: string): unknown {
  if (value === undefined) return undefined
  const read = (one: unknown): unknown => {
    if (!JSON_TYPES[option.kind].includes(typeof one))
      throw new ConfigurationError(
        `${place} must be ${option.kind === 'flag' ? 'true or false' : 'a text or a number'}.`,
      )
    try {
      return option.read(String(one))
    } catch (error) {
      throw new ConfigurationError(`${place} ${(error as Error).message}`)
    }
  }
  if (option.kind !== 'list') return read(value)
  return Array.isArray(value) ? value.map(read) : [read(value)]
}

function camelCase(key: string): string {
  return key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
