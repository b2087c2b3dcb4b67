import { parseNpmLockfile } from './npm-lockfile-parser.ts'
import { type ParsedLockfile } from './parsed-lockfile.ts'
import { parsePnpmLockfile } from './pnpm-lockfile-parser.ts'
import { isYarnBerryLockfile, parseYarnBerryLockfile } from './yarn-berry-lockfile-parser.ts'
import { parseYarnClassicLockfile } from './yarn-classic-lockfile-parser.ts'

/** One format: which files have it, and who reads it. */
export interface LockfileFormat {
  /** The exact base names of its files. */
  readonly fileNames: readonly string[]
  /** Tells it from the formats further down that share a file name; absent: it takes whatever is left. */
  readonly recognises?: (text: string) => boolean
  /**
   * Reads a text without a byte order mark. Whatever it does not understand is a problem of the result.
   *
   * @throws LockfileFault when the text as a whole cannot be read.
   */
  readonly parse: (text: string) => ParsedLockfile
}

/** Every format that is read: a new one is its parser's file and one line here. The first that fits is used. */
export const LOCKFILE_FORMATS: readonly LockfileFormat[] = [
  { fileNames: ['package-lock.json', 'npm-shrinkwrap.json', '.package-lock.json'], parse: parseNpmLockfile },
  { fileNames: ['pnpm-lock.yaml'], parse: parsePnpmLockfile },
  { fileNames: ['yarn.lock'], recognises: isYarnBerryLockfile, parse: parseYarnBerryLockfile },
  { fileNames: ['yarn.lock'], parse: parseYarnClassicLockfile },
]
