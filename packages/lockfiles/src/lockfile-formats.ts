import { type DependencyNode } from './dependency-node.ts'
import { refuseBunBinaryLockfile } from './parsers/bun-binary-lockfile-parser.ts'
import { parseBunLock, readBunNodes } from './parsers/bun-lock-parser.ts'
import { parseCargoLock, readCargoNodes } from './parsers/cargo-lock-parser.ts'
import { parseCargoManifest } from './parsers/cargo-manifest-parser.ts'
import { parseComposerLock, readComposerNodes } from './parsers/composer-lock-parser.ts'
import { isCycloneDx, parseCycloneDx, readCycloneDxNodes } from './parsers/cyclonedx-parser.ts'
import { parseGemfileLock, readGemfileNodes } from './parsers/gemfile-lock-parser.ts'
import { parseGoMod, parseGoSum } from './parsers/go-module-parser.ts'
import { isGradleLockfile, parseGradleLockfile } from './parsers/gradle-lockfile-parser.ts'
import { parseMixLock } from './parsers/mix-lock-parser.ts'
import { parseNpmLockfile } from './parsers/npm/npm-lockfile-parser.ts'
import { readNpmNodes } from './parsers/npm/npm-nodes.ts'
import { parseNuGetLock, readNuGetNodes } from './parsers/nuget-lock-parser.ts'
import { parsePackageJson } from './parsers/package-json-parser.ts'
import { type ParsedLockfile } from './parsed-lockfile.ts'
import { parsePdmLock, readPdmNodes } from './parsers/pdm-lock-parser.ts'
import { parsePipfileLock } from './parsers/pipfile-lock-parser.ts'
import { parsePnpmLockfile } from './parsers/pnpm/pnpm-lockfile-parser.ts'
import { readPnpmNodes } from './parsers/pnpm/pnpm-nodes.ts'
import { parsePoetryLock, readPoetryNodes } from './parsers/poetry-lock-parser.ts'
import { parsePom } from './parsers/pom-parser.ts'
import { parsePubspecLock } from './parsers/pubspec-lock-parser.ts'
import { parsePylock, readPylockNodes } from './parsers/pylock-parser.ts'
import { parsePyproject } from './parsers/pyproject-parser.ts'
import { isRequirementsFile } from './parsers/requirements-file-name.ts'
import { parseRequirements, readRequirementsNodes } from './parsers/requirements-parser.ts'
import { isSpdx, parseSpdx, readSpdxNodes } from './parsers/spdx-parser.ts'
import { parseSwiftPackages } from './parsers/swift-package-parser.ts'
import { parseUvLock, readUvNodes } from './parsers/uv-lock-parser.ts'
import { isYarnBerryLockfile, parseYarnBerryLockfile } from './parsers/yarn/yarn-berry-lockfile-parser.ts'
import { readYarnBerryNodes } from './parsers/yarn/yarn-berry-nodes.ts'
import { parseYarnClassicLockfile } from './parsers/yarn/yarn-classic-lockfile-parser.ts'
import { readYarnClassicNodes } from './parsers/yarn/yarn-classic-nodes.ts'

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
  /** Reads who asks for whom, of a text that `parse` has read; absent: the format does not say. */
  readonly readNodes?: (text: string) => readonly DependencyNode[]
}

const isSbomFile = (path: string): boolean => /(?:^|[/.])(?:bom|sbom|cdx|cyclonedx|spdx)\.json$/.test(path)

/** Every format that is read: a new one is its parser's file and one line here. The first that fits is used. */
const LOCKFILE_FORMATS: readonly LockfileFormat[] = [
  {
    files: ['package-lock.json', 'npm-shrinkwrap.json', '.package-lock.json'],
    parse: parseNpmLockfile,
    readNodes: readNpmNodes,
  },
  { files: ['pnpm-lock.yaml'], parse: parsePnpmLockfile, readNodes: readPnpmNodes },
  {
    files: ['yarn.lock'],
    recognises: isYarnBerryLockfile,
    parse: parseYarnBerryLockfile,
    readNodes: readYarnBerryNodes,
  },
  { files: ['yarn.lock'], parse: parseYarnClassicLockfile, readNodes: readYarnClassicNodes },
  { files: ['bun.lock'], parse: parseBunLock, readNodes: readBunNodes },
  { files: ['bun.lockb'], parse: refuseBunBinaryLockfile },
  { files: ['package.json'], parse: parsePackageJson },
  { files: isRequirementsFile, parse: parseRequirements, readNodes: readRequirementsNodes },
  { files: ['Pipfile.lock'], parse: parsePipfileLock },
  { files: ['poetry.lock'], parse: parsePoetryLock, readNodes: readPoetryNodes },
  { files: ['uv.lock'], parse: parseUvLock, readNodes: readUvNodes },
  { files: ['pdm.lock'], parse: parsePdmLock, readNodes: readPdmNodes },
  { files: (path) => /(?:^|\/)pylock(?:\.[^/.]+)?\.toml$/.test(path), parse: parsePylock, readNodes: readPylockNodes },
  { files: ['pyproject.toml'], parse: parsePyproject },
  { files: ['Cargo.lock'], parse: parseCargoLock, readNodes: readCargoNodes },
  { files: ['Cargo.toml'], parse: parseCargoManifest },
  { files: ['go.mod'], parse: parseGoMod },
  { files: ['go.sum'], parse: parseGoSum },
  { files: ['Gemfile.lock', 'gems.locked'], parse: parseGemfileLock, readNodes: readGemfileNodes },
  { files: ['composer.lock'], parse: parseComposerLock, readNodes: readComposerNodes },
  { files: isGradleLockfile, parse: parseGradleLockfile },
  { files: ['pom.xml'], parse: parsePom },
  { files: ['Package.resolved'], parse: parseSwiftPackages },
  { files: ['packages.lock.json'], parse: parseNuGetLock, readNodes: readNuGetNodes },
  { files: ['mix.lock'], parse: parseMixLock },
  { files: ['pubspec.lock'], parse: parsePubspecLock },
  { files: isSbomFile, recognises: isCycloneDx, parse: parseCycloneDx, readNodes: readCycloneDxNodes },
  { files: isSbomFile, recognises: isSpdx, parse: parseSpdx, readNodes: readSpdxNodes },
]

/** The formats that a file of this path may have; `\` separates folders too. */
export function formatsOf(path: string): LockfileFormat[] {
  const normal = path.replaceAll('\\', '/')
  const name = normal.slice(normal.lastIndexOf('/') + 1)
  return LOCKFILE_FORMATS.filter(({ files }) => (typeof files === 'function' ? files(normal) : files.includes(name)))
}
