export { isDependencyFile } from './dependency-file.ts'
export { type Ecosystem } from './ecosystem.ts'
export {
  isLockfileError,
  LOCKFILE_ERROR_CODES,
  LockfileError,
  type LockfileErrorCode,
  type LockfileErrorOptions,
} from './lockfile-error.ts'
export { normalizeName } from './identity/package-coordinates.ts'
export { parseLockfile } from './parse-lockfile.ts'
export {
  type LockedPackage,
  type LockfileProblem,
  type PackageRange,
  type PackageSource,
  type ParsedLockfile,
} from './parsed-lockfile.ts'
export { PARSER_VERSION } from './parser-version.ts'
export { type PackagePlace, whyInstalled } from './why-installed.ts'
export {
  compareVersions,
  exactVersionOf,
  isRange,
  isVersion,
  isWithin,
  normalizeVersion,
  overlaps,
  satisfies,
  type VersionInterval,
} from './versions/package-versions.ts'
