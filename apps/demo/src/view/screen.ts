import { type Clock, systemClock } from '@x/core'

/** What is used of a terminal. */
export interface ScreenStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/** Faster is not seen, and costs time. */
const REDRAW_MS = 100

const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'

/**
 * Lines that stay, and on a terminal a few below them that change. Elsewhere there are no changing lines. The cursor is
 * hidden only while some are shown, and is back however the process ends, SIGKILL apart.
 */
export class Screen {
  readonly #stream: ScreenStream
  readonly #clock: Clock
  #render: (() => readonly string[]) | undefined
  /** The changing lines as they stand on the terminal. */
  #drawn: readonly string[] = []
  /** Lines that stay, to be written above those that change. */
  #above = ''
  #drawnAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #spentMs = 0

  constructor(stream: ScreenStream, { clock = systemClock }: { clock?: Clock } = {}) {
    this.#stream = stream
    this.#clock = clock
    process.on('exit', this.hide)
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  get #columns(): number {
    return unlessZero(this.#stream.columns) ?? 80
  }

  /** How long drawing took so far, in milliseconds. */
  get spentMs(): number {
    return this.#spentMs
  }

  /** Writes lines that stay: at once, or with the next drawing where there are lines that change. */
  readonly print = (text: string): void => {
    if (this.#drawn.length === 0) this.#stream.write(`${text}\n`)
    else {
      this.#above += `${text}\n`
      this.#drawSoon()
    }
  }

  /** Shows lines that change: `render` is asked whenever they are drawn, at most ten times a second. */
  show(render: () => readonly string[]): void {
    if (!this.isTerminal) return
    this.#render = render
    this.#drawSoon()
  }

  /** Takes the changing lines away, and brings the cursor back. */
  readonly hide = (): void => {
    this.#render = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#drawn.length > 0) this.#stream.write(this.#erase() + this.#above + SHOW_CURSOR)
    this.#above = ''
    this.#drawn = []
    this.#drawnAt = Number.NEGATIVE_INFINITY
  }

  close(): void {
    this.hide()
    process.off('exit', this.hide)
  }

  #drawSoon(): void {
    const wait = this.#drawnAt + REDRAW_MS - this.#clock.now()
    if (wait <= 0) this.#draw()
    else this.#timer ??= setTimeout(this.#draw, wait).unref()
  }

  readonly #draw = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#render === undefined) return
    const start = performance.now()
    const width = Math.max(1, this.#columns - 1)
    const height = Math.max(1, (unlessZero(this.#stream.rows) ?? 24) - 1)
    const lines = this.#render().slice(0, height)
    const cut = lines.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
    const begin = this.#drawn.length === 0 ? HIDE_CURSOR : this.#erase()
    this.#stream.write(begin + this.#above + cut.join('\n'))
    this.#above = ''
    this.#drawn = cut
    this.#drawnAt = this.#clock.now()
    this.#spentMs += performance.now() - start
  }

  /** Back to the first changing line; a terminal that became narrower has wrapped them. */
  #erase(): string {
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / this.#columns)), 0)
    return `\r${rows > 1 ? `\u001B[${rows - 1}A` : ''}\u001B[J`
  }
}

/** A terminal that does not know its size tells 0. */
function unlessZero(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size
}
