import { compareVersions, type Ecosystem, isVersion, type VersionInterval } from '@x/lockfiles'

import { type Ioc } from './ioc.ts'
import { osvEcosystem } from './ioc-entry.ts'
import { IocListError } from './ioc-list-error.ts'

/** A document of the OSV schema 1.7, as far as it is read. Nothing in it is certain but its id. */
export interface OsvDocument {
  /** `MAL-2024-1234`, `GHSA-…`. */
  readonly id: string
  /** When it was taken back. */
  readonly withdrawn?: unknown
  /** The packages. */
  readonly affected?: unknown
  /** Where to read about it. */
  readonly references?: unknown
}

/** Whether a JSON value is an OSV document, not a list of names: those have no text for an id. */
export function isOsvDocument(value: unknown): value is OsvDocument {
  if (!isRecord(value) || typeof value['id'] !== 'string' || value['id'] === '') return false
  return Array.isArray(value['affected']) || typeof value['modified'] === 'string'
}

/**
 * The versions that a document names: those it lists, and those in its ranges. None of a withdrawn one, of ecosystems without
 * lockfiles here, and of ranges of commits.
 *
 * @param document - any version of the schema.
 * @param place - where the document stands, for errors.
 * @throws IocListError for what is not as the schema has it: a version that is not understood would never match.
 */
export function readOsvDocument(document: OsvDocument, place: string): Ioc[] {
  const { id, withdrawn, affected = [], references } = document
  if (withdrawn !== undefined && withdrawn !== null) return []
  const fail = (problem: string): never => {
    throw new IocListError(`${place}: ${id}: ${problem}`, { path: place })
  }
  if (!Array.isArray(affected)) return fail('"affected" is no list.')
  const reference = referenceOf(references)
  return affected.flatMap((entry: unknown) => {
    if (!isRecord(entry) || !isRecord(entry['package'])) return fail('an entry of "affected" has no package.')
    const { ecosystem: registry, name } = entry['package']
    if (typeof registry !== 'string' || typeof name !== 'string' || name === '') return fail('a package has no name.')
    const ecosystem = osvEcosystem(registry)
    if (ecosystem === undefined) return []
    const common = { ecosystem, name, source: id, reference }
    const versions = versionsOf(entry, fail).map((version): Ioc => ({ ...common, version }))
    const intervals = intervalsOf(entry, { ecosystem, fail }).map((interval): Ioc => {
      const isAny = Object.values(interval).every((end) => end === undefined)
      return isAny ? { ...common, version: null } : { ...common, version: null, interval }
    })
    return [...versions, ...intervals]
  })
}

type Fail = (problem: string) => never

function versionsOf({ versions = [] }: Readonly<Record<string, unknown>>, fail: Fail): string[] {
  if (versions === null) return []
  if (!Array.isArray(versions)) return fail('"versions" is no list.')
  return versions.map((version: unknown) =>
    typeof version === 'string' && version !== '' ? version : fail('a version is no text.'),
  )
}

function intervalsOf(
  { ranges = [] }: Readonly<Record<string, unknown>>,
  context: { ecosystem: Ecosystem; fail: Fail },
): VersionInterval[] {
  if (ranges === null) return []
  if (!Array.isArray(ranges)) return context.fail('"ranges" is no list.')
  return ranges.flatMap((range: unknown) => {
    if (!isRecord(range) || !Array.isArray(range['events'])) return context.fail('a range has no events.')
    return range['type'] === 'GIT' ? [] : readEvents(range['events'], context)
  })
}

interface Event {
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'
  /** Undefined for `0`: before every version. */
  readonly version: string | undefined
}

const KINDS = ['introduced', 'fixed', 'last_affected', 'limit'] as const

/** The order of events of one version: a stretch that ends before it is closed before the next one opens. */
const PLACES = { fixed: 0, limit: 0, introduced: 1, last_affected: 2 } as const

/** Each `introduced` opens a stretch, and the next event that is none closes it, in the order of the versions. */
function readEvents(events: readonly unknown[], context: { ecosystem: Ecosystem; fail: Fail }): VersionInterval[] {
  const read = events.map((event) => readEvent(event, context)).filter((event) => event !== undefined)
  const sorted = read.toSorted((a, b) => {
    if (a.version === undefined || b.version === undefined)
      return a.version === b.version ? 0 : a.version === undefined ? -1 : 1
    const order = compareVersions(context.ecosystem, a.version, b.version) ?? 0
    return order === 0 ? PLACES[a.kind] - PLACES[b.kind] : order
  })
  const intervals: VersionInterval[] = []
  let open: { from: string | undefined } | undefined
  for (const { kind, version } of sorted) {
    if (kind === 'introduced') open ??= { from: version }
    else if (open !== undefined) {
      intervals.push(kind === 'last_affected' ? { ...open, through: version } : { ...open, before: version })
      open = undefined
    }
  }
  if (open !== undefined) intervals.push(open)
  return intervals
}

/** Undefined for a limit that is none. */
function readEvent(event: unknown, { ecosystem, fail }: { ecosystem: Ecosystem; fail: Fail }): Event | undefined {
  const kind = isRecord(event) ? KINDS.find((name) => event[name] !== undefined) : undefined
  const version = isRecord(event) && kind !== undefined ? event[kind] : undefined
  if (kind === undefined || typeof version !== 'string') return fail('an event of a range is not understood.')
  if (kind === 'introduced' && version === '0') return { kind, version: undefined }
  if (kind === 'limit' && version === '*') return undefined
  if (!isVersion(ecosystem, version))
    return fail(`${JSON.stringify(version.slice(0, 100))} is no version of ${ecosystem}.`)
  return { kind, version }
}

function referenceOf(references: unknown): string | undefined {
  if (!Array.isArray(references)) return undefined
  const urls = references.map((reference: unknown) => (isRecord(reference) ? reference['url'] : undefined))
  return urls.find((url): url is string => typeof url === 'string' && /^https?:/.test(url))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
