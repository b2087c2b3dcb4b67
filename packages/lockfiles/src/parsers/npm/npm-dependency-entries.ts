import { repeatedKey } from '../../syntax/repeated-key.ts'
import { noteRepeated, type NpmReading, readKeysOnce, readScalarOnce } from './npm-reading.ts'

/** No tree of folders is nested this deeply: what lies below is not read, and its parser says so. */
const MAX_NESTING = 100

/** One entry of `dependencies`, before anything is made of it: properties as the file has them, of any type. */
export interface NpmDependencyEntry {
  /** The line of its key, counted from 1. */
  readonly line: number
  /** Whether it is an object; nothing else has properties. */
  readonly isObject: boolean
  /** `version`: a version, or the address that it comes from. */
  version: unknown
  /** `resolved`. */
  resolved: unknown
  /** `dev`. */
  dev: unknown
  /** `optional`. */
  optional: unknown
  /** The names that it asks for; undefined where it does not say. */
  requires: readonly string[] | undefined
  /** What is installed in its own folder; undefined where nothing is. */
  dependencies: NpmDependencyEntries | 'no object' | 'too deep' | undefined
}

/** Entries of one level by name, in the order of the text. */
export type NpmDependencyEntries = ReadonlyMap<string, NpmDependencyEntry>

/** Reads the section `dependencies` with what is nested in it. */
export function readNpmDependencyEntries(
  reading: NpmReading,
  depth = 1,
): NpmDependencyEntries | 'no object' | 'too deep' {
  const { cursor, problems } = reading
  const isTooDeep = depth > MAX_NESTING
  if (isTooDeep || !cursor.enterObject()) {
    cursor.skipValue()
    return isTooDeep ? 'too deep' : 'no object'
  }
  const entries = new Map<string, NpmDependencyEntry>()
  for (let name = cursor.nextKey(); name !== undefined; name = cursor.nextKey()) {
    const { line } = cursor
    if (entries.delete(name)) problems.push(repeatedKey(name, line))
    entries.set(name, readEntry(reading, line, depth))
  }
  return entries
}

function readEntry(reading: NpmReading, line: number, depth: number): NpmDependencyEntry {
  const { cursor } = reading
  const entry: NpmDependencyEntry = {
    line,
    isObject: cursor.enterObject(),
    version: undefined,
    resolved: undefined,
    dev: undefined,
    optional: undefined,
    requires: undefined,
    dependencies: undefined,
  }
  if (!entry.isObject) {
    cursor.skipValue()
    return entry
  }
  for (let key = cursor.nextKey(); key !== undefined; key = cursor.nextKey()) {
    switch (key) {
      case 'version':
        entry.version = readScalarOnce(reading, key, entry.version)
        break
      case 'resolved':
        entry.resolved = readScalarOnce(reading, key, entry.resolved)
        break
      case 'dev':
        entry.dev = readScalarOnce(reading, key, entry.dev)
        break
      case 'optional':
        entry.optional = readScalarOnce(reading, key, entry.optional)
        break
      case 'requires':
        entry.requires = readKeysOnce(reading, key, entry.requires)
        break
      case 'dependencies':
        noteRepeated(reading, key, entry.dependencies)
        entry.dependencies = readNpmDependencyEntries(reading, depth + 1)
        break
      default:
        cursor.skipValue()
    }
  }
  return entry
}
