import { EXIT_CODES, type ExitCode } from '@x/core'

/** Something that the person at the keyboard can put right; its message says how. */
export class ProgramError extends Error {
  override readonly name: string = 'ProgramError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Ends an error's message with what to do next. The packages know what happened; only a command knows its options. */
export function advise(error: Error, advice: string): void {
  error.message = `${error.message.replace(/\.$/, '')}. ${advice}`
}

/** A command line that cannot be understood. */
export class UsageError extends ProgramError {
  override readonly name = 'UsageError'

  constructor(message: string) {
    super(message, EXIT_CODES.general)
  }
}

/** An environment variable or a configuration file that cannot be understood, or a credential that is missing. */
export class ConfigurationError extends ProgramError {
  override readonly name = 'ConfigurationError'

  constructor(message: string, options?: ErrorOptions) {
    super(message, EXIT_CODES.configuration, options)
  }
}
