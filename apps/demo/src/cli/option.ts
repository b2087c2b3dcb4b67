import { type Duration, toMilliseconds } from '@x/core'

/** What a command line, an environment variable, or a configuration file may set. From it come parsing, help, completion and reference. */
export interface Option<Value = unknown> {
  /** Given without a value, with one, or with one each time it is repeated. */
  readonly kind: 'flag' | 'single' | 'list'
  /** What stands for its value in help; empty for a flag. */
  readonly placeholder: string
  /** What it does, as a sentence. */
  readonly about: string
  /** The value where nothing sets it. */
  readonly fallback: Value
  /** How help calls the fallback; absent where there is nothing to say. */
  readonly fallbackText?: string | undefined
  /** Makes one value of one text. @throws Error saying what is wrong with it. */
  readonly read: (text: string) => unknown
  /** The only texts it takes. */
  readonly choices?: readonly string[] | undefined
  /** What completes its value. */
  readonly completes?: 'file' | 'folder' | undefined
  /** A variable that other programs use for the same, beside the one that every option has. */
  readonly environment?: string | undefined
  readonly short?: string | undefined
  /** Begins a part of the list of options. */
  readonly heading?: string | undefined
  /** Options of a command with different ones exclude each other: those that are set nearest to the user stand. */
  readonly alternative?: string | undefined
  /** Another option of the command that takes the choice away: both in one place are refused, and why. */
  readonly decidedBy?: { readonly option: string; readonly because: string } | undefined
  /** Of a flag: the option of the same command that it sets, and to what. */
  readonly standsFor?: { readonly option: string; readonly value: string } | undefined
}

export type Options = Readonly<Record<string, Option>>

/** The values of options, by their names in camel case. */
export type OptionValues<Specs extends Options> = {
  readonly [Name in keyof Specs as CamelCase<Name & string>]: Specs[Name] extends Option<infer Value> ? Value : never
}

type CamelCase<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text

interface About {
  readonly about: string
  readonly heading?: string
  readonly short?: string
  readonly environment?: string
  readonly alternative?: string
  readonly decidedBy?: Option['decidedBy']
}

interface TextAbout extends About {
  readonly value: string
  readonly completes?: 'file' | 'folder'
  readonly check?: (text: string) => void
}

export function flag(about: About & Pick<Option, 'standsFor'>): Option<boolean> {
  return { ...about, kind: 'flag', placeholder: '', fallback: false, read: readFlag }
}

/** Stands beside every `--format`: what a result is for programs has one name everywhere. */
export const JSON_FLAG: Option<boolean> = flag({
  about: 'Short for --format json.',
  standsFor: { option: 'format', value: 'json' },
})

/** A text that may be absent, with a word on what happens then. */
export function text(about: TextAbout & { readonly without?: string | undefined }): Option<string | undefined> {
  return { ...textOption(about), kind: 'single', fallback: undefined, fallbackText: about.without }
}

export function textOr(fallback: string, about: TextAbout): Option<string> {
  return { ...textOption(about), kind: 'single', fallback, fallbackText: fallback }
}

export function texts(about: TextAbout & { readonly without?: string | undefined }): Option<readonly string[]> {
  return { ...textOption(about), kind: 'list', fallback: [], fallbackText: about.without }
}

export function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  about: About & { readonly value: string },
): Option<Choice> {
  const read = (chosen: string): string => {
    if (!(choices as readonly string[]).includes(chosen))
      throw new Error(`must be ${listOf(choices)}, not ${JSON.stringify(chosen)}.`)
    return chosen
  }
  const [fallback] = choices
  return { ...about, kind: 'single', placeholder: about.value, fallback, fallbackText: fallback, choices, read }
}

/** A number within bounds. */
export function number<Fallback extends number | undefined>(
  fallback: Fallback,
  about: About & { readonly value: string; readonly least: number; readonly most: number; readonly whole?: boolean },
): Option<number | Fallback> {
  const { least, most, whole = true } = about
  const read = (written: string): number => {
    const value = written.trim() === '' ? Number.NaN : Number(written)
    const kind = whole ? 'a whole number' : 'a number'
    const bounds = most === Number.POSITIVE_INFINITY ? `from ${least}` : `from ${least} to ${most}`
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      throw new Error(`must be ${kind} ${bounds}, not ${JSON.stringify(written)}.`)
    return value
  }
  const fallbackText = fallback === undefined ? undefined : String(fallback)
  return { ...about, kind: 'single', placeholder: about.value, fallback, fallbackText, read }
}

export function duration(fallback: Duration, about: About): Option<Duration> {
  const read = (written: string): Duration => {
    if (!isDuration(written)) throw new Error(`must be a duration such as 90s or 5m, not ${JSON.stringify(written)}.`)
    return written
  }
  return { ...about, kind: 'single', placeholder: 'DURATION', fallback, fallbackText: String(fallback), read }
}

function isDuration(written: string): written is Duration & string {
  try {
    return toMilliseconds(written as Duration) >= 0
  } catch {
    return false
  }
}

function textOption(about: TextAbout): Pick<Option, 'placeholder' | 'about' | 'read'> & About {
  const read = (written: string): string => {
    if (written === '') throw new Error('must not be empty.')
    about.check?.(written)
    return written
  }
  return { ...about, placeholder: about.value, read }
}

function readFlag(written: string): boolean {
  if (/^(1|true|yes|on)$/i.test(written)) return true
  if (/^(0|false|no|off)$/i.test(written)) return false
  throw new Error(`must be true or false, not ${JSON.stringify(written)}.`)
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}
