import { choice, flag, type Option, text } from './option.ts'

/** How much a command says beside its result. */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug'

/** Options that every command has. */
export const GLOBAL_OPTIONS: {
  readonly quiet: Option<boolean>
  readonly verbose: Option<boolean>
  readonly debug: Option<boolean>
  readonly color: Option<'auto' | 'always' | 'never'>
  readonly config: Option<string | undefined>
  readonly version: Option<boolean>
  readonly help: Option<boolean>
} = {
  quiet: flag({ heading: 'Everywhere', short: 'q', about: 'Say nothing but errors beside the result.' }),
  verbose: flag({ short: 'v', about: 'Say more of what happens.' }),
  debug: flag({ about: 'Say all of it, and where an error came from.' }),
  color: choice(['auto', 'always', 'never'], {
    value: 'WHEN',
    about: 'Colours: on terminals unless NO_COLOR is set or FORCE_COLOR asks for them anywhere; always; or never.',
  }),
  config: text({
    value: 'FILE',
    completes: 'file',
    about: 'A file of options, as JSON. No file of the current folder is read unless it is named here.',
    without: "x/demo.json in the user's configuration folder, if it is there",
  }),
  version: flag({ about: 'The version.' }),
  help: flag({ short: 'h', about: 'Help on a command.' }),
}

export type GlobalValues = {
  readonly [Name in keyof typeof GLOBAL_OPTIONS]: (typeof GLOBAL_OPTIONS)[Name]['fallback']
}

export function verbosityOf({ quiet, verbose, debug }: Pick<GlobalValues, 'quiet' | 'verbose' | 'debug'>): Verbosity {
  if (debug) return 'debug'
  if (verbose) return 'verbose'
  return quiet ? 'quiet' : 'normal'
}
