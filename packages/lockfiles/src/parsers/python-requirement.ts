/** One requirement as PEP 508 writes it. */
export interface PythonRequirement {
  /** As it is written. */
  readonly name: string
  /** Its specifiers, such as `>=1.0,<2`; empty when it has none. */
  readonly range: string
  /** Where it comes from, in `name @ address`. */
  readonly url?: string
}

const NAME = /^[a-z\d](?:[\w.-]*[a-z\d])?/i
const EXTRAS = /^\s*\[[^\]]*\]/
/** BAD: one expression with the name and the extras. Each would give way to the other, in quadratic time. */
const REST = /^(?:@\s*(\S+)\s*|\(([^()]*)\)\s*|([^;()@[\]]*))(?:;.*)?$/s

/** Reads `name[extras] >=1.0 ; marker` and `name @ address ; marker`; undefined when it is something else. */
export function readPythonRequirement(text: string): PythonRequirement | undefined {
  const trimmed = text.trim()
  const name = NAME.exec(trimmed)?.[0]
  if (name === undefined) return undefined
  const match = REST.exec(trimmed.slice(name.length).replace(EXTRAS, '').trimStart())
  if (match === null) return undefined
  const [, url, bracketed, plain] = match
  // In an address a `;` belongs to the marker only behind a space.
  if (url !== undefined) return { name, range: '', url: url.replace(/;$/, '') }
  const range = (bracketed ?? plain ?? '').trim()
  return /^(?:[~=!<>]|$)/.test(range) ? { name, range } : undefined
}

/** The version of `==1.0` or `===1.0`; undefined for everything else, also for what pip takes from the environment, `${…}`. */
export function pinnedVersion(range: string): string | undefined {
  return /^={2,3}\s*([^\s,*$]+)$/.exec(range.trim())?.[1]
}
