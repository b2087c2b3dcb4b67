import { refuseBunBinaryLockfile } from './parsers/bun-binary-lockfile-parser.ts'
import { parseBunLock } from './parsers/bun-lock-parser.ts'
import { parseCargoLock } from './parsers/cargo-lock-parser.ts'
import { parseCargoManifest } from './parsers/cargo-manifest-parser.ts'
import { parseComposerLock } from './parsers/composer-lock-parser.ts'
import { isCycloneDx, parseCycloneDx } from './parsers/cyclonedx-parser.ts'
import { parseGemfileLock } from './parsers/gemfile-lock-parser.ts'
import { parseGoMod, parseGoSum } from './parsers/go-module-parser.ts'
import { isGradleLockfile, parseGradleLockfile } from './parsers/gradle-lockfile-parser.ts'
import { parseMixLock } from './parsers/mix-lock-parser.ts'
import { parseNpmLockfile } from './parsers/npm/npm-lockfile-parser.ts'
import { parseNuGetLock } from './parsers/nuget-lock-parser.ts'
import { parsePackageJson } from './parsers/package-json-parser.ts'
import { type ParsedLockfile } from './parsed-lockfile.ts'
import { parsePdmLock } from './parsers/pdm-lock-parser.ts'
import { parsePipfileLock } from './parsers/pipfile-lock-parser.ts'
import { parsePnpmLockfile } from './parsers/pnpm/pnpm-lockfile-parser.ts'
import { parsePoetryLock } from './parsers/poetry-lock-parser.ts'
import { parsePom } from './parsers/pom-parser.ts'
import { parsePubspecLock } from './parsers/pubspec-lock-parser.ts'
import { parsePylock } from './parsers/pylock-parser.ts'
import { parsePyproject } from './parsers/pyproject-parser.ts'
import { isRequirementsFile } from './parsers/requirements-file-name.ts'
import { parseRequirements } from './parsers/requirements-parser.ts'
import { isSpdx, parseSpdx } from './parsers/spdx-parser.ts'
import { parseSwiftPackages } from './parsers/swift-package-parser.ts'
import { parseUvLock } from './parsers/uv-lock-parser.ts'
import { isYarnBerryLockfile, parseYarnBerryLockfile } from './parsers/yarn/yarn-berry-lockfile-parser.ts'
import { parseYarnClassicLockfile } from './parsers/yarn/yarn-classic-lockfile-parser.ts'

/** One format: which files have it, and who reads it. */
export interface LockfileFormat {
  /** Its files: exact base names, or what tells them by a path with `/` between folders. */
  readonly files: readonly string[] | ((path: string) => boolean)
  /** Tells it from the formats further down that share a file name; absent: it takes whatever is left. */
  readonly recognises?: (text: string) => boolean
  /**
   * Reads a text without a byte order mark. Whatever it does not understand is a problem of the result.
   *
   * @throws LockfileFault when the text as a whole cannot be read.
   */
  readonly parse: (text: string, path: string) => ParsedLockfile
}

const isSbomFile = (path: string): boolean => /(?:^|[/.])(?:bom|sbom|cdx|cyclonedx|spdx)\.json$/.test(path)

/** Every format that is read: a new one is its parser's file and one line here. The first that fits is used. */
const LOCKFILE_FORMATS: readonly LockfileFormat[] = [
  { files: ['package-lock.json', 'npm-shrinkwrap.json', '.package-lock.json'], parse: parseNpmLockfile },
  { files: ['pnpm-lock.yaml'], parse: parsePnpmLockfile },
  { files: ['yarn.lock'], recognises: isYarnBerryLockfile, parse: parseYarnBerryLockfile },
  { files: ['yarn.lock'], parse: parseYarnClassicLockfile },
  { files: ['bun.lock'], parse: parseBunLock },
  { files: ['bun.lockb'], parse: refuseBunBinaryLockfile },
  { files: ['package.json'], parse: parsePackageJson },
  { files: isRequirementsFile, parse: parseRequirements },
  { files: ['Pipfile.lock'], parse: parsePipfileLock },
  { files: ['poetry.lock'], parse: parsePoetryLock },
  { files: ['uv.lock'], parse: parseUvLock },
  { files: ['pdm.lock'], parse: parsePdmLock },
  { files: (path) => /(?:^|\/)pylock(?:\.[^/.]+)?\.toml$/.test(path), parse: parsePylock },
  { files: ['pyproject.toml'], parse: parsePyproject },
  { files: ['Cargo.lock'], parse: parseCargoLock },
  { files: ['Cargo.toml'], parse: parseCargoManifest },
  { files: ['go.mod'], parse: parseGoMod },
  { files: ['go.sum'], parse: parseGoSum },
  { files: ['Gemfile.lock', 'gems.locked'], parse: parseGemfileLock },
  { files: ['composer.lock'], parse: parseComposerLock },
  { files: isGradleLockfile, parse: parseGradleLockfile },
  { files: ['pom.xml'], parse: parsePom },
  { files: ['Package.resolved'], parse: parseSwiftPackages },
  { files: ['packages.lock.json'], parse: parseNuGetLock },
  { files: ['mix.lock'], parse: parseMixLock },
  { files: ['pubspec.lock'], parse: parsePubspecLock },
  { files: isSbomFile, recognises: isCycloneDx, parse: parseCycloneDx },
  { files: isSbomFile, recognises: isSpdx, parse: parseSpdx },
]

/** The formats that a file of this path may have; `\` separates folders too. */
export function formatsOf(path: string): LockfileFormat[] {
  const normal = path.replaceAll('\\', '/')
  const name = normal.slice(normal.lastIndexOf('/') + 1)
  return LOCKFILE_FORMATS.filter(({ files }) => (typeof files === 'function' ? files(normal) : files.includes(name)))
}
