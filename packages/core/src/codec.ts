/** How a value becomes text in a store, and a value again. */
export interface Codec {
  /**
   * Turns a value into text.
   *
   * @throws CacheError `NOT_SERIALIZABLE`, its `details.path` naming the place, for what would not come back as it was.
   */
  encode(value: unknown): string
  /**
   * Turns the text of `encode` into a new value that shares nothing with any earlier one.
   *
   * @throws SyntaxError for a text that `encode` never wrote.
   */
  decode(text: string): unknown
}
