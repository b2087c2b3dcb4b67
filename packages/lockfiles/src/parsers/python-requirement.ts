/** One requirement as PEP 508 writes it. */
export interface PythonRequirement {
  /** As it is written. */
  readonly name: string
  /** Its specifiers, such as `>=1.0,<2`; empty when it has none. */
  readonly range: string
  /** Where it comes from, in `name @ address`. */
  readonly url?: string
}

const REQUIREMENT =
  /^([a-z\d](?:[\w.-]*[a-z\d])?)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)\s*|\(([^()]*)\)\s*|([^;()@[\]]*))(?:;.*)?$/is

/** Reads `name[extras] >=1.0 ; marker` and `name @ address ; marker`; undefined when it is something else. */
export function readPythonRequirement(text: string): PythonRequirement | undefined {
  const [, name, url, bracketed, plain] = REQUIREMENT.exec(text.trim()) ?? []
  if (name === undefined) return undefined
  // In an address a `;` belongs to the marker only behind a space.
  if (url !== undefined) return { name, range: '', url: url.replace(/;$/, '') }
  const range = (bracketed ?? plain ?? '').trim()
  return /^(?:[~=!<>]|$)/.test(range) ? { name, range } : undefined
}

/** The version of `==1.0` or `===1.0`; undefined for everything else, also for what pip takes from the environment, `${…}`. */
export function pinnedVersion(range: string): string | undefined {
  return /^={2,3}\s*([^\s,*$]+)$/.exec(range.trim())?.[1]
}
