import { repeatedKey } from '../../syntax/repeated-key.ts'
import { nameOfLocation } from './npm-location.ts'
import { type NpmReading, readKeysOnce, readScalarOnce } from './npm-reading.ts'

/** The sections of an entry that name what its package asks for. */
export type NpmRequirementKind = 'dependencies' | 'devDependencies' | 'optionalDependencies' | 'peerDependencies'

/** One entry of `packages`, before anything is made of it: properties as the file has them, of any type. */
export interface NpmPackageEntry {
  /** The line of its key, counted from 1. */
  readonly line: number
  /** The name that its location gives; undefined for a folder of the project. */
  readonly folderName: string | undefined
  /** Whether it is an object; nothing else has properties. */
  readonly isObject: boolean
  /** `name`, where it is not the one that the location gives. */
  name: unknown
  /** `version`. */
  version: unknown
  /** `resolved`: an address, or the folder that a link points to. */
  resolved: unknown
  /** `link`. */
  link: unknown
  /** `dev`. */
  dev: unknown
  /** The names that it asks for, where they were wanted. */
  requirements: ReadonlyMap<NpmRequirementKind, readonly string[]>
}

/** Entries by location, in the order of the text. */
export type NpmPackageEntries = ReadonlyMap<string, NpmPackageEntry>

const REQUIREMENTS: ReadonlySet<string> = new Set<NpmRequirementKind>([
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
])
const NONE: NpmPackageEntry['requirements'] = new Map()

/** Reads the section `packages`. */
export function readNpmPackageEntries(reading: NpmReading): NpmPackageEntries | 'no object' {
  const { cursor, requirementsOf } = reading
  if (!cursor.enterObject()) {
    cursor.skipValue()
    return 'no object'
  }
  const entries = new Map<string, NpmPackageEntry>()
  for (let location = cursor.nextKey(); location !== undefined; location = cursor.nextKey()) {
    const { line } = cursor
    const folderName = nameOfLocation(location)
    const withRequirements = requirementsOf === 'all' || folderName === undefined
    const entry = readEntry(reading, { line, folderName, withRequirements })
    const { size } = entries
    if (entries.set(location, entry).size > size) continue
    reading.problems.push(repeatedKey(location, line))
    entries.delete(location)
    entries.set(location, entry)
  }
  return entries
}

interface Place {
  readonly line: number
  readonly folderName: string | undefined
  readonly withRequirements: boolean
}

function readEntry(reading: NpmReading, { line, folderName, withRequirements }: Place): NpmPackageEntry {
  const { cursor } = reading
  const entry: NpmPackageEntry = {
    line,
    folderName,
    isObject: cursor.enterObject(),
    name: undefined,
    version: undefined,
    resolved: undefined,
    link: undefined,
    dev: undefined,
    requirements: NONE,
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
      case 'name':
        entry.name = readScalarOnce(reading, key, entry.name)
        break
      case 'link':
        entry.link = readScalarOnce(reading, key, entry.link)
        break
      case 'dev':
        entry.dev = readScalarOnce(reading, key, entry.dev)
        break
      default:
        if (withRequirements && isRequirementKind(key)) {
          const names = readKeysOnce(reading, key, entry.requirements.get(key))
          entry.requirements = new Map([...entry.requirements, [key, names]])
        } else cursor.skipValue()
    }
  }
  return entry
}

function isRequirementKind(key: string): key is NpmRequirementKind {
  return REQUIREMENTS.has(key)
}
