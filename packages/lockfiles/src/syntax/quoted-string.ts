/** The offset of the quote that closes the double-quoted string opening at `start`; -1 when none does. */
export function closingQuote(text: string, start: number): number {
  let close = text.indexOf('"', start + 1)
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
  return close
}

function isEscaped(text: string, offset: number): boolean {
  let slashes = 0
  while (text[offset - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}
