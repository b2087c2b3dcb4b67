import { isJsonRecord, type JsonRecord } from '../../syntax/json-record.ts'
import { LockfileFault } from '../../lockfile-fault.ts'
import { readNpmDependencies } from './npm-dependencies-section.ts'
import { readNpmPackages } from './npm-packages-section.ts'
import { parseJson } from '../../syntax/parse-json.ts'
import { type ParsedLockfile } from '../../parsed-lockfile.ts'

const NEWEST_VERSION = 3

/**
 * Reads `package-lock.json`, `npm-shrinkwrap.json` and `node_modules/.package-lock.json`, versions 1 to 3, and the older
 * `npm-shrinkwrap.json` that states none. Version 2 lists everything twice; `packages` counts, as it does for npm 7 and later.
 */
export function parseNpmLockfile(text: string): ParsedLockfile {
  const lockfile = parseJson(text)
  if (!isJsonRecord(lockfile)) {
    throw new LockfileFault('MALFORMED', 'The file holds no JSON object.', { line: 1, column: 1 })
  }
  const version = readVersion(lockfile)
  const { packages, dependencies } = lockfile
  if (isJsonRecord(packages)) {
    const read = readNpmPackages(text, packages)
    return version === 2 && isJsonRecord(dependencies)
      ? withOlderSection(read, readNpmDependencies(text, dependencies))
      : read
  }
  if (isJsonRecord(dependencies)) return readNpmDependencies(text, dependencies)

  // A project without dependencies has neither section, but only in version 1.
  const isEmpty = version === 1 && dependencies === undefined && packages === undefined
  const problems = isEmpty ? [] : [{ line: 1, reason: 'There is no section "packages" or "dependencies".' }]
  return { packages: [], ranges: [], problems }
}

/** npm 6 installs from the section `dependencies`: what stands only there is not to be missed. */
function withOlderSection(read: ParsedLockfile, older: ParsedLockfile): ParsedLockfile {
  const known = new Set(read.packages.map(({ name, version }) => `${name}@${version}`))
  const missing = older.packages.filter(
    ({ name, version, source }) => source === 'registry' && !known.has(`${name}@${version}`),
  )
  if (missing.length === 0) return read
  const problems = missing.map(({ name, version, line }) => ({
    line,
    reason: `${name} ${version} stands only in "dependencies", which npm 6 installs from.`,
  }))
  const byLine = (a: { line: number }, b: { line: number }): number => a.line - b.line
  return {
    packages: [...read.packages, ...missing].sort(byLine),
    ranges: [],
    problems: [...read.problems, ...problems].sort(byLine),
  }
}

function readVersion(lockfile: JsonRecord): number | undefined {
  const version = lockfile['lockfileVersion']
  if (version === undefined) return undefined
  if (version === 1 || version === 2 || version === NEWEST_VERSION) return version
  throw new LockfileFault('UNSUPPORTED_VERSION', `The lockfileVersion ${JSON.stringify(version)} is not 1, 2 or 3.`)
}
