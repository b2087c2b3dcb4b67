import { type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { LockfileReading } from '../lockfile-reading.ts'

const VERSION = /^v\d+\.\d+\.\d[\w.+-]*$/

const PACKAGE_DIRECTIVES = new Set(['require', 'replace'])
/** Directives that name no package: go.dev/ref/mod, November 2026. */
const OTHER_DIRECTIVES = new Set(['module', 'go', 'toolchain', 'godebug', 'exclude', 'retract', 'tool', 'ignore'])

interface Directive {
  readonly line: number
  readonly verb: string
  readonly words: readonly string[]
  readonly comment: string
}

/** What `replace` puts in the place of a module. */
interface Replacement {
  readonly line: number
  readonly path: string
  readonly newVersion: string | undefined
}

/**
 * Reads `go.mod`. Since Go 1.17 it lists all that is built; what stands behind `// indirect` is not asked for by the project. A module that is
 * replaced counts as what stands in its place; before, also where the module itself is not listed.
 */
export function parseGoMod(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const directives = readDirectives(text, reading)
  const replacements = readReplacements(directives, reading)
  const unused = new Set(listsAll(directives) ? [] : replacements.values())
  for (const { line, verb, words, comment } of directives) {
    if (verb !== 'require') continue
    const [path = '', version = ''] = words
    if (words.length !== 2 || !VERSION.test(version)) {
      reading.misunderstood(line, words.join(' '), 'it is no module and version')
      continue
    }
    const direct = !/^\/\/\s*indirect\b/.test(comment)
    const replaced = replacements.get(`${path} ${version}`) ?? replacements.get(path)
    if (replaced !== undefined) unused.delete(replaced)
    reading.packages.push({ ...builtOf({ path, version }, replaced), ecosystem: 'golang', line, direct, dev: false })
  }
  for (const { path, newVersion, line } of unused) {
    if (newVersion === undefined) continue
    const common = { ecosystem: 'golang', line, direct: false, dev: false, source: 'registry' } as const
    reading.packages.push({ ...common, name: path, version: newVersion })
  }
  return reading.result()
}

/** What is built where a module is asked for. */
function builtOf({ path, version }: { path: string; version: string }, replaced?: Replacement): PackageIdentity {
  if (replaced === undefined) return { name: path, version, source: 'registry' }
  const { path: target, newVersion } = replaced
  return newVersion === undefined
    ? { name: path, version: '', source: 'file', resolved: target }
    : { name: target, version: newVersion, source: 'registry' }
}

/** Whether the file lists every module that is built: since Go 1.17. */
function listsAll(directives: readonly Directive[]): boolean {
  const version = directives.find(({ verb }) => verb === 'go')?.words[0] ?? ''
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major > 1 || (major === 1 && minor >= 17)
}

/** One directive each, also those in brackets; a `//` begins a comment. */
function readDirectives(text: string, reading: LockfileReading): Directive[] {
  const directives: Directive[] = []
  let block: string | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const { words, comment } = readWords(raw)
    const [first = '', ...others] = words
    const line = index + 1
    if (words.length === 0) continue
    if (block !== undefined) {
      if (first === ')') block = undefined
      else directives.push({ line, verb: block, words, comment })
      continue
    }
    if (!PACKAGE_DIRECTIVES.has(first) && !OTHER_DIRECTIVES.has(first)) {
      reading.misunderstood(line, words.join(' ').slice(0, 200), 'the directive is not known')
    }
    if (others[0] === '(' && others.length === 1) block = first
    else directives.push({ line, verb: first, words: others, comment })
  }
  if (block !== undefined) {
    reading.problems.push({ line: text.split('\n').length, reason: 'The last bracket does not close.' })
  }
  return directives
}

function readWords(line: string): Pick<Directive, 'words' | 'comment'> {
  const start = /(?:^|\s)\/\//.exec(line)?.index ?? line.length
  const words = line.slice(0, start).match(/"[^"]*"|`[^`]*`|[()]|[^\s()"`]+/g) ?? []
  return {
    words: words.map((word) => word.replace(/^(["`])(.*)\1$/s, '$2')),
    comment: line.slice(start).trim(),
  }
}

/** By `path version`, or by the path alone where every version is replaced. */
function readReplacements(directives: readonly Directive[], reading: LockfileReading): Map<string, Replacement> {
  const replacements = new Map<string, Replacement>()
  for (const { line, verb, words } of directives) {
    if (verb !== 'replace') continue
    const arrow = words.indexOf('=>')
    const [target, newVersion] = words.slice(arrow + 1)
    if (arrow < 1 || arrow > 2 || target === undefined || words.length > arrow + 3) {
      reading.misunderstood(line, words.join(' ').slice(0, 200), 'it is no replacement')
    } else replacements.set(words.slice(0, arrow).join(' '), { path: target, newVersion, line })
  }
  return replacements
}

/**
 * Reads `go.sum`. A line that ends in `/go.mod` alone is a module whose requirements were looked at, not one that was downloaded: it is no
 * package. The file also keeps what is no longer used.
 */
export function parseGoSum(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim()
    if (content === '') continue
    const [name = '', version = '', hash = '', ...more] = content.split(/\s+/)
    if (more.length > 0 || !/^h\d+:/.test(hash) || !VERSION.test(version.replace(/\/go\.mod$/, ''))) {
      reading.misunderstood(index + 1, content.slice(0, 200), 'it is no module, version and hash')
    } else if (!version.endsWith('/go.mod')) {
      reading.packages.push({
        name,
        version,
        ecosystem: 'golang',
        line: index + 1,
        direct: false,
        dev: false,
        source: 'registry',
      })
    }
  }
  return reading.result()
}
