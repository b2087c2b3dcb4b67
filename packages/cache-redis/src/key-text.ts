const ESCAPES = /[%:]|\p{Surrogate}/gu
const NEEDS_ESCAPE = /[%:\ud800-\udfff]/

/**
 * A category, a key or a tag as a part of a Redis key: `:` becomes `%3A` and `%` becomes `%25`, so that parts joined by `:`
 * stay apart; a lone surrogate, for which UTF-8 has no bytes, becomes `%uD800`. Everything else stays readable.
 *
 * @throws TypeError for what is not a string.
 */
export function toKeyText(text: string): string {
  if (typeof text !== 'string')
    throw new TypeError(`Not a string: ${String(text)}. Keys, categories and tags are strings.`)
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPES, escape) : text
}

/** What `toKeyText` was given. */
export function fromKeyText(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g, (_match, unit?: string, byte?: string) =>
    String.fromCharCode(Number.parseInt(unit ?? byte ?? '', 16)),
  )
}

function escape(character: string): string {
  if (character === ':') return '%3A'
  if (character === '%') return '%25'
  return `%u${character.charCodeAt(0).toString(16).toUpperCase()}`
}
