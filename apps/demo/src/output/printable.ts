/**
 * A text that stays on its line and steers no terminal: names and messages come from repositories and servers. Control
 * characters, and those that turn the direction of writing round, are written out.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu, written)
}

function written(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
