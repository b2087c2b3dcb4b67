/** A text with its `%3A` and the like decoded; as it is, where it holds none that mean something. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
