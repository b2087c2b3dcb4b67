import { type Verbosity } from '../cli/global-options.ts'
import { printable } from '../output/printable.ts'
import { type Style } from '../output/style.ts'
import { type Screen } from './screen.ts'

const LEVELS: Readonly<Record<Verbosity, number>> = { quiet: 0, normal: 1, verbose: 2, debug: 3 }

/** What a command says beside its result, on stderr. */
export class Log {
  readonly screen: Screen
  readonly style: Style
  readonly #level: number

  constructor(screen: Screen, { verbosity, style }: { verbosity: Verbosity; style: Style }) {
    this.screen = screen
    this.style = style
    this.#level = LEVELS[verbosity]
  }

  /** Whether progress is shown. */
  get isQuiet(): boolean {
    return this.#level === 0
  }

  get isVerbose(): boolean {
    return this.#level >= LEVELS.verbose
  }

  get isDebug(): boolean {
    return this.#level >= LEVELS.debug
  }

  /** Always said. */
  error(text: string): void {
    this.screen.print(text)
  }

  /** Said unless `--quiet`. */
  note(text: string): void {
    if (!this.isQuiet) this.screen.print(printable(text))
  }

  /** Said unless `--quiet`, so that it is seen. */
  alarm(text: string): void {
    if (!this.isQuiet) this.screen.print(this.style.red(printable(text)))
  }

  /** Said with `--verbose`. */
  detail(text: string): void {
    if (this.isVerbose) this.screen.print(this.style.dim(printable(text)))
  }

  /** Said with `--debug`. */
  debug(text: string): void {
    if (this.isDebug) this.screen.print(this.style.dim(printable(text)))
  }
}
