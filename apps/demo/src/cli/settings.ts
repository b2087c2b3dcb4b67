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

/** Where a value comes from, the place that goes first first. */
const RANKS = ['command line', 'environment', 'file', 'default'] as const

/** A value, and where it stands. */
interface Setting {
  readonly value: unknown
  readonly from: (typeof RANKS)[number]
}

/**
 * The value of every option, by its name in camel case. The command line goes before the environment, the environment
 * before the configuration file, the file before the default; a list is taken whole from the first that has it.
 *
 * @throws UsageError for a bad value on the command line; ConfigurationError for one elsewhere.
 */
export function settle(options: Options, sources: SettingSources): Record<string, unknown> {
  const settings = new Map(Object.entries(options).map(([key, option]) => [key, settingOf(key, option, sources)]))
  for (const [key, { standsFor }] of Object.entries(options)) {
    if (standsFor !== undefined) applyFlag(key, standsFor, settings)
  }
  dropAlternatives(options, settings)
  for (const [key, { decidedBy, fallback }] of Object.entries(options)) {
    if (decidedBy !== undefined && isDecided(key, decidedBy, settings))
      settings.set(key, { value: fallback, from: 'default' })
  }
  const values = Array.from(settings, ([key, { value }]) => [camelCase(key), value] as const)
  return Object.fromEntries(values)
}

function settingOf(key: string, option: Option, { given, file, name }: SettingSources): Setting {
  const onLine = fromCommandLine(key, option, given[key])
  if (onLine !== undefined) return { value: onLine, from: 'command line' }
  const inEnvironment = fromEnvironment(key, option)
  if (inEnvironment !== undefined) return { value: inEnvironment, from: 'environment' }
  const configured = file === undefined ? undefined : configuredValues(file, name)[key]
  const inFile = fromFile(option, configured, `${file?.path ?? ''}: ${JSON.stringify(key)}`)
  if (inFile !== undefined) return { value: inFile, from: 'file' }
  return { value: option.fallback, from: 'default' }
}

/** What is named on the command line is not to clash with what is named elsewhere for every day. */
function dropAlternatives(options: Options, settings: Map<string, Setting>): void {
  const named = Object.entries(options).flatMap(([key, { alternative, fallback }]) => {
    const setting = settings.get(key)
    if (alternative === undefined || setting === undefined || !isNamed(setting.value)) return []
    return [{ key, alternative, fallback, rank: RANKS.indexOf(setting.from) }]
  })
  const best = Math.min(...named.map(({ rank }) => rank))
  const kept = new Set(named.filter(({ rank }) => rank === best).map(({ alternative }) => alternative))
  for (const { key, alternative, fallback } of named)
    if (!kept.has(alternative)) settings.set(key, { value: fallback, from: 'default' })
}

/** Whether another option takes a choice away. What is set for every day yields to it; what is set beside it contradicts it. */
function isDecided(
  key: string,
  { option, because }: NonNullable<Option['decidedBy']>,
  settings: ReadonlyMap<string, Setting>,
): boolean {
  const setting = settings.get(key)
  const decider = settings.get(option)
  if (setting === undefined || decider === undefined || !isNamed(decider.value) || setting.from === 'default')
    return false
  if (RANKS.indexOf(setting.from) > RANKS.indexOf(decider.from)) return true
  const clash = `--${setting.value === false ? 'no-' : ''}${key} does not go with --${option}: ${because}`
  throw contradiction(clash, setting.from)
}

function contradiction(clash: string, from: Setting['from']): UsageError | ConfigurationError {
  return from === 'command line' ? new UsageError(`${clash}.`) : new ConfigurationError(`${clash} (${from}).`)
}

function isNamed(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}

/** What a flag stands for is set where the flag is: it yields to what goes before, and contradicts what stands beside it. */
function applyFlag(
  key: string,
  { option, value }: NonNullable<Option['standsFor']>,
  settings: Map<string, Setting>,
): void {
  const flag = settings.get(key)
  const target = settings.get(option)
  if (flag?.value !== true || target === undefined) return
  const yields = RANKS.indexOf(target.from) - RANKS.indexOf(flag.from)
  if (yields === 0 && target.value !== value) {
    throw contradiction(`Give --${key} or --${option} ${String(target.value)}, not both`, flag.from)
  }
  if (yields >= 0) settings.set(option, { value, from: flag.from })
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
