import type { Ecosystem } from '@x/lockfiles'

import { type Ioc } from './ioc.ts'
import { ECOSYSTEM_NAMES, ecosystemNamed, exactVersion } from './ioc-entry.ts'
import { IocListError } from './ioc-list-error.ts'
import { readJsonKeyLines } from './json-key-lines.ts'

/**
 * Reads `{ "npm": { "name": ["1.0.0"] }, "pypi": … }`, or names directly, then of npm; `null` for the versions: any.
 *
 * @throws IocListError naming the line.
 */
export function parseJsonIocList(path: string, text: string): Ioc[] {
  const document = parseDocument(path, text)
  const keys = readJsonKeyLines(text)
  const fail = (problem: string, line: number): never => {
    throw new IocListError(`${path}:${line}: ${problem}`, { path, line })
  }
  if (keys.duplicate !== undefined) {
    fail(`${JSON.stringify(keys.duplicate.key)} stands twice. Write its versions in one list.`, keys.duplicate.line)
  }
  const iocs: Ioc[] = []
  const add = (ecosystem: Ecosystem, versions: unknown, keyPath: readonly [string, ...string[]]): void => {
    const name = keyPath.at(-1) ?? ''
    const exact = versions === null ? [null] : exactVersions(ecosystem, versions)
    if (exact === undefined) {
      const problem = `the versions of ${JSON.stringify(name)} must be a list of exact ones such as ["1.0.0"], or null for any.`
      return fail(problem, keys.lineOf(...keyPath))
    }
    for (const version of exact) iocs.push({ ecosystem, name, version, source: path })
  }
  for (const [key, value] of Object.entries(document)) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) add('npm', value, [key])
    else {
      const ecosystem = ecosystemNamed(key)
      if (ecosystem === undefined) {
        const known = ECOSYSTEM_NAMES.join(', ')
        return fail(`unknown ecosystem ${JSON.stringify(key)}. Known: ${known}.`, keys.lineOf(key))
      }
      for (const [name, versions] of Object.entries(value)) add(ecosystem, versions, [key, name])
    }
  }
  return iocs
}

function parseDocument(path: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    const { message } = cause as Error
    const [, place] = /\(line (\d+) column \d+\)/.exec(message) ?? []
    // Node names no line where the text ends too early.
    const line = place === undefined ? text.trimEnd().split('\n').length : Number(place)
    const problem = message.replace(/ in JSON at position.*$| \(line.*$/s, '')
    throw new IocListError(`${path}:${line}: not JSON: ${problem}.`, { path, line, cause })
  }
}

/** At least one, and all of them exact. */
function exactVersions(ecosystem: Ecosystem, versions: unknown): (string | null)[] | undefined {
  if (!Array.isArray(versions) || versions.length === 0) return undefined
  const exact = versions.map((version) => (typeof version === 'string' ? exactVersion(ecosystem, version) : undefined))
  return exact.includes(undefined) ? undefined : (exact as (string | null)[])
}
