import { isDependencyFile } from '@x/lockfiles'

/** A path, and how much reading it matters. */
export interface PrioritizedFile {
  /** From the root of the repository. */
  readonly path: string
  /** 1 to 10, and 5 more where the caller named it. */
  readonly priority: number
  /** The base name in small letters where it is a known one, a language for source code, else `"unknown"`. */
  readonly fileType: string
  /** Bytes, by what such files usually have. */
  readonly estimatedSize: number
  /** 3 for what names dependencies, 2 for configuration, 1.5 for source code, 1 for the rest. */
  readonly securityImportance: number
}

interface FileKind {
  readonly priority: number
  readonly estimatedSize: number
  readonly securityImportance: number
}

const MANIFEST: FileKind = { priority: 10, estimatedSize: 2_048, securityImportance: 3 }
const LOCKFILE: FileKind = { priority: 9, estimatedSize: 50_000, securityImportance: 3 }
const PROJECT: FileKind = { priority: 8, estimatedSize: 2_048, securityImportance: 3 }
const SECRETS: FileKind = { priority: 7, estimatedSize: 512, securityImportance: 2 }
const CONTAINER: FileKind = { priority: 6, estimatedSize: 1_024, securityImportance: 2 }
const SETTINGS: FileKind = { priority: 5, estimatedSize: 1_024, securityImportance: 2 }
const BUILD: FileKind = { priority: 5, estimatedSize: 1_024, securityImportance: 1 }
const SOURCE: FileKind = { priority: 3, estimatedSize: 4_000, securityImportance: 1.5 }
const OTHER: FileKind = { priority: 1, estimatedSize: 2_000, securityImportance: 1 }

/** How much more a file matters that the caller named. */
const NAMED_BY_CALLER = 5

/** By base name, in small letters. Whatever else a lockfile parser reads counts as a lockfile. */
const KINDS: ReadonlyMap<string, FileKind> = new Map([
  ...named('package.json requirements.txt go.mod pom.xml cargo.toml', MANIFEST),
  ...named('package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb', LOCKFILE),
  ...named('pipfile.lock poetry.lock uv.lock pdm.lock pylock.toml go.sum cargo.lock gemfile.lock', LOCKFILE),
  ...named('composer.lock gradle.lockfile package.resolved packages.lock.json mix.lock pubspec.lock', LOCKFILE),
  ...named('pyproject.toml', PROJECT),
  ...named('dockerfile docker-compose.yml docker-compose.yaml compose.yml compose.yaml', CONTAINER),
  ...named('config.json', SETTINGS),
  ...named('makefile', BUILD),
])

const LANGUAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    python: 'py pyw',
    javascript: 'js jsx mjs cjs',
    typescript: 'ts tsx mts cts',
    go: 'go',
    rust: 'rs',
    ruby: 'rb',
    php: 'php',
  }).flatMap(([language, endings]) => endings.split(' ').map((ending): [string, string] => [ending, language])),
)

/**
 * Says how much a path matters. A file counts as named by the caller when its whole path or its base name is among
 * `priorityFiles`.
 */
export function prioritizeFile(path: string, priorityFiles: ReadonlySet<string> = new Set()): PrioritizedFile {
  const name = baseNameOf(path)
  const { fileType, kind } = kindOf(path, name.toLowerCase())
  const bonus = priorityFiles.has(path) || priorityFiles.has(name) ? NAMED_BY_CALLER : 0
  return { path, fileType, ...kind, priority: kind.priority + bonus }
}

/** Whether a file names dependencies, or what a container is built of: worth asking for in many repositories at once. */
export function isImportantFile(path: string): boolean {
  return prioritizeFile(path).priority >= CONTAINER.priority
}

/** The last part of a path. */
export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function kindOf(path: string, name: string): { readonly fileType: string; readonly kind: FileKind } {
  const kind = KINDS.get(name)
  if (kind !== undefined) return { fileType: name, kind }
  if (isDependencyFile(path)) return { fileType: name, kind: LOCKFILE }
  if (name === '.env' || name.startsWith('.env.')) return { fileType: '.env', kind: SECRETS }
  const language = LANGUAGES.get(name.slice(name.lastIndexOf('.') + 1))
  return language !== undefined && name.includes('.')
    ? { fileType: language, kind: SOURCE }
    : { fileType: 'unknown', kind: OTHER }
}

function named(names: string, kind: FileKind): [string, FileKind][] {
  return names.split(' ').map((name) => [name, kind])
}
