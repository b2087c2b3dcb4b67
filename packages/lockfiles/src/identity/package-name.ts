import { percentDecoded } from '../syntax/percent-decoded.ts'

/** Nothing that is fetched otherwise than it is written: `\`, escapes, tabs and line breaks, `.` and `..`. */
const NAME = /^(?:@[^/\\%\t\n\r]+\/)?(?!\.\.?$)[^@/\\%\t\n\r][^/\\%\t\n\r]*$/

/** Whether a text has the shape of an npm package's name: one segment, or a scope and one segment, that may stand in an address. */
export function isPackageName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text)
}

/** Whether a text is an exact version: three numbers with dots, and what may follow them. */
export function isExactVersion(text: unknown): text is string {
  return typeof text === 'string' && /^\d+\.\d+\.\d[\w.+-]*$/.test(text)
}

/** Whether a text begins with an exact version: what pnpm writes behind it names peers. */
export function startsWithVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+/.test(text)
}

/** A name and what follows it, as in `@scope/name@^1.0.0`. */
export interface Descriptor {
  /** With its scope, if it has one. */
  readonly name: string
  /** Everything behind the `@` that ends the name: a version, a range or an address. */
  readonly reference: string
}

/** Splits `name@reference` behind the name; undefined when there is no name or no reference. */
export function splitDescriptor(text: string): Descriptor | undefined {
  const at = text.indexOf('@', 1)
  const name = text.slice(0, at)
  if (at === -1 || at === text.length - 1 || !isPackageName(name)) return undefined
  return { name, reference: text.slice(at + 1) }
}

/** The package below `patch:name@npm%3A1.0.0#…`; undefined for any other reference. */
export function readPatch(reference: string): Descriptor | undefined {
  if (!reference.startsWith('patch:')) return undefined
  return splitDescriptor(percentDecoded(reference.slice('patch:'.length).replace(/#.*$/s, '')))
}

/** The package behind `npm:name@range` or `npm:@scope/name@range`; undefined for any other reference. */
export function readAlias(reference: string): Descriptor | undefined {
  return reference.startsWith('npm:') ? splitDescriptor(reference.slice('npm:'.length)) : undefined
}
