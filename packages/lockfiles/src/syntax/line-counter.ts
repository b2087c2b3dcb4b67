/** Tells the lines of offsets that only grow, and looks at each line feed once. */
export class LineCounter {
  readonly #text: string
  #line: number
  /** The first line feed that is not counted yet; -1 when there is none. */
  #next: number

  /** Begins at `offset`, which is on `line`. */
  constructor(text: string, offset = 0, line = 1) {
    this.#text = text
    this.#line = line
    this.#next = text.indexOf('\n', offset)
  }

  /** The line of an offset, counted from 1. No offset may be smaller than the one before. */
  lineOf(offset: number): number {
    // BAD: searching from `offset` each time. In a file of one line every search would go to its end.
    while (this.#next !== -1 && this.#next < offset) {
      this.#line++
      this.#next = this.#text.indexOf('\n', this.#next + 1)
    }
    return this.#line
  }
}
