import { JsonCursor } from '../../syntax/json-cursor.ts'
import { LockfileFault } from '../../lockfile-fault.ts'
import { type NpmDependencyEntries, readNpmDependencyEntries } from './npm-dependency-entries.ts'
import { type NpmPackageEntries, readNpmPackageEntries } from './npm-package-entries.ts'
import { noteRepeated, type NpmReading, readScalarOnce } from './npm-reading.ts'

/** What an npm lockfile holds, before anything is made of it. */
export interface NpmSections {
  /** Undefined where the file states none, as before npm 5. */
  readonly version: 1 | 2 | 3 | undefined
  /** The section of versions 2 and 3; undefined where there is none. */
  readonly packages: NpmPackageEntries | 'no object' | undefined
  /** The section of versions 1 and 2; undefined where there is none. */
  readonly dependencies: NpmDependencyEntries | 'no object' | 'too deep' | undefined
}

/**
 * Reads an npm lockfile of versions 1 to 3.
 *
 * @throws LockfileFault `MALFORMED` where it is no JSON object, `UNSUPPORTED_VERSION` for another version.
 */
export function readNpmSections(text: string, { problems, requirementsOf }: Omit<NpmReading, 'cursor'>): NpmSections {
  const cursor = new JsonCursor(text)
  if (!cursor.enterObject()) {
    cursor.skipValue()
    cursor.finish()
    throw new LockfileFault('MALFORMED', 'The file holds no JSON object.', { line: 1, column: 1 })
  }
  const reading: NpmReading = { cursor, problems, requirementsOf }
  let version: unknown
  let packages: NpmSections['packages']
  let dependencies: NpmSections['dependencies']
  for (let key = cursor.nextKey(); key !== undefined; key = cursor.nextKey()) {
    switch (key) {
      case 'lockfileVersion':
        version = readScalarOnce(reading, key, version)
        break
      case 'packages':
        noteRepeated(reading, key, packages)
        packages = readNpmPackageEntries(reading)
        break
      case 'dependencies':
        noteRepeated(reading, key, dependencies)
        dependencies = readNpmDependencyEntries(reading)
        break
      default:
        cursor.skipValue()
    }
  }
  cursor.finish()
  return { version: knownVersion(version), packages, dependencies }
}

function knownVersion(version: unknown): NpmSections['version'] {
  if (version === undefined || version === 1 || version === 2 || version === 3) return version
  throw new LockfileFault('UNSUPPORTED_VERSION', `The lockfileVersion ${JSON.stringify(version)} is not 1, 2 or 3.`)
}
