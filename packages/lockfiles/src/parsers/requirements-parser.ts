import { type DependencyNode } from '../dependency-node.ts'
import { posix } from 'node:path'

import { type LockedPackage, type ParsedLockfile } from '../parsed-lockfile.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { normalizeName } from '../identity/package-coordinates.ts'
import { type PackageIdentity } from '../identity/package-identity.ts'
import { pinnedVersion, readPythonRequirement } from './python-requirement.ts'
import { pythonSource } from './python-source.ts'
import { isRequirementsFile } from './requirements-file-name.ts'

/** "Requirements File Format", pip.pypa.io, November 2026: what says nothing about packages. */
const OTHER_OPTIONS =
  /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--no-binary|--only-binary|--prefer-binary|--require-hashes|--pre|--trusted-host|--use-feature|--uploaded-prior-to|--hash|--config-settings?|--global-option|--install-option|-C)(?:[\s=]|$)/
const INCLUDE = /^(?:-r|-c|--requirement|--constraint)(?:\s*=?\s*)(\S.*)$/
const EDITABLE = /^(?:-e|--editable)(?:\s*=?\s*)(\S.*)$/
/** pip reads all options of a line, quoted ones too: a harmless one could hide what follows it. */
const NEXT_OPTION = /\s(?=["'\\]*-)/
/** What may follow a requirement: hashes and build options. */
const TRAILING_OPTIONS = /\s--?(?:hash|config-settings?|global-option|install-option|C)\b.*$/s

interface LogicalLine {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/**
 * Reads a requirements file of pip. What is pinned with `==` is installed; everything else is a requirement. pip-compile and uv
 * note behind each package who asks for it: `direct` follows that, and is true for all where nothing is noted. A file that is
 * included is a problem unless its own name is that of a requirements file, or it is outside of the project.
 */
export function parseRequirements(text: string, path: string): ParsedLockfile {
  const reading = new LockfileReading()
  const direct = findDirect(text)
  for (const { line, text: content } of logicalLines(text)) {
    if (content.startsWith('-')) {
      for (const option of content.split(NEXT_OPTION)) readOption(option.trim(), { reading, line, path })
    } else readRequirement(content.replace(TRAILING_OPTIONS, ''), { reading, line, isDirect: direct(line) })
  }
  return reading.result()
}

/**
 * Lines that a backslash joins are one; comments and empty lines are left out. As for pip, what begins behind a `#` ends where
 * the joined line does.
 */
function* logicalLines(text: string): Iterable<LogicalLine> {
  let joined: LogicalLine | undefined
  for (const { line, content } of physicalLines(text)) {
    const isComment = /^\s*#/.test(content)
    const isContinued = content.endsWith('\\') && !isComment
    const piece = isContinued ? content.slice(0, -1) : isComment ? ` ${content}` : content
    joined = { line: joined?.line ?? line, text: (joined?.text ?? '') + piece }
    if (isContinued) continue
    yield* withoutComment(joined)
    joined = undefined
  }
  if (joined !== undefined) yield* withoutComment(joined)
}

/** pip ends a line wherever `str.splitlines` of Python does: an entry could hide behind what looks like a comment. */
function* physicalLines(text: string): Iterable<{ line: number; content: string }> {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // eslint-disable-next-line no-control-regex -- those are ends of lines.
    for (const content of line.split(/[\r\v\f\x1c-\x1e\x85\u2028\u2029]/)) yield { line: index + 1, content }
  }
}

function* withoutComment({ line, text }: LogicalLine): Iterable<LogicalLine> {
  const content = text.replace(/(^|\s)#.*$/, '').trim()
  if (content !== '') yield { line, text: content }
}

interface Context {
  readonly reading: LockfileReading
  readonly line: number
}

function readOption(text: string, { reading, line, path }: Context & { path: string }): void {
  const [, included] = INCLUDE.exec(text) ?? []
  const [, editable] = EDITABLE.exec(text) ?? []
  if (included !== undefined) {
    const target = posix.join(posix.dirname(path.replaceAll('\\', '/')), unquoted(included))
    if (!isRequirementsFile(target) || target.startsWith('..') || /^\w+:\/\//.test(included)) {
      reading.problems.push({ line, reason: `It includes ${JSON.stringify(included)}, which is not read.` })
    }
  } else if (editable !== undefined) add(readAddress(unquoted(editable)), { reading, line, isDirect: true })
  else if (!OTHER_OPTIONS.test(text)) reading.misunderstood(line, text, 'the option is not known')
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2')
}

function readRequirement(text: string, context: Context & { isDirect: boolean }): void {
  const { reading, line } = context
  const requirement = readPythonRequirement(text)
  if (requirement === undefined) {
    // A local path, or an address without a name.
    if (/^(?:[./~]|[a-z+]+:\/\/|[\w.-]+[/\\])|\.(?:whl|zip|tar\.gz)$/i.test(text)) add(readAddress(text), context)
    else reading.misunderstood(line, text, 'it is no requirement of pip')
    return
  }
  const { name, range, url } = requirement
  const version = pinnedVersion(range)
  if (url !== undefined) add(pythonSource(name, url), context)
  else if (version !== undefined) add({ name, version, source: 'registry' }, context)
  else reading.require({ name, range, ecosystem: 'pypi', line, dev: false })
}

/** What has no name of its own: the name stands behind `#egg=`, or in the file's name. */
function readAddress(address: string): PackageIdentity {
  const plain = upTo(address, ';').trimEnd()
  const egg = /[#&]egg=([\w.-]+)/.exec(plain)?.[1]
  const path = upTo(upTo(plain, '#'), '?')
  const identity = pythonSource(egg ?? nameInFile(path) ?? folderName(path), plain.replace(/^file:(?:\/\/)?/, ''))
  return plain.startsWith('file:') ? { ...identity, source: 'file', version: '' } : identity
}

/** The name in `…/name-1.0-py3-none-any.whl` or `…/name-1.0.tar.gz`; undefined for other files. */
function nameInFile(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1)
  if (file.endsWith('.whl')) return /^(.+?)-\d/.exec(file)?.[1]
  const dash = file.lastIndexOf('-')
  const isArchive = dash > 0 && /^\d.*\.(?:zip|tar\.(?:gz|bz2|xz)|tgz)$/.test(file.slice(dash + 1))
  return isArchive ? file.slice(0, dash) : undefined
}

/** The name of a folder or repository, without the commit and the extras behind it. */
function folderName(path: string): string {
  const repository = path.replace(/(?<=[^/])@[^/@]*$/, '').replace(/\.git$/, '')
  return posix.basename(repository.endsWith(']') ? upTo(repository, '[') : repository)
}

/** A text up to the first of a mark; all of it where there is none. */
function upTo(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at === -1 ? text : text.slice(0, at)
}

function add(identity: PackageIdentity, { reading, line, isDirect }: Context & { isDirect: boolean }): void {
  const locked: LockedPackage = { ...identity, ecosystem: 'pypi', line, direct: isDirect, dev: false }
  reading.packages.push(locked)
}

/**
 * Tells the lines of what the project itself asks for, after the comments `# via -r requirements.in` of pip-compile and uv. `uv export`
 * notes the project by its name: whoever is no requirement of the file is one.
 */
function findDirect(text: string): (line: number) => boolean {
  if (!/^[ \t]+# via\b/m.test(text)) return () => true
  const direct = new Set<number>()
  const names = new Set(Array.from(text.matchAll(/^[a-z\d][\w.-]*/gim), ([name]) => normalizeName('pypi', name)))
  for (const { line, by } of notesOf(text)) {
    const isFile = /^-[rc]\s|\.(?:in|toml|cfg|py)\b/.test(by)
    if (isFile || !names.has(normalizeName('pypi', upTo(by, '[')))) direct.add(line)
  }
  return (line) => direct.has(line)
}

/** Who asks for whom, after the same notes. */
export function readRequirementsNodes(text: string): DependencyNode[] {
  const lines = text.split('\n')
  const notes = [...notesOf(text)].map(({ line, by }) => ({ line, by: normalizeName('pypi', upTo(by, '[')) }))
  const names = new Map<number, string>()
  for (const { line } of notes) if (!names.has(line)) names.set(line, nameOn(lines[line - 1] ?? ''))
  const grouped = Map.groupBy(notes, ({ by }) => by)
  const required = new Map(Array.from(grouped, ([by, all]) => [by, all.map(({ line }) => names.get(line) ?? '')]))
  return Array.from(names, ([line, name]) => ({ line, keys: [name], requires: required.get(name) ?? [] }))
}

function nameOn(line: string): string {
  const [content = ''] = /^[^\s;\\]*/.exec(line) ?? []
  return normalizeName('pypi', readPythonRequirement(content)?.name ?? '')
}

/** Who is noted to ask for the requirement of a line: behind `# via`, or on the comments that follow it. */
function* notesOf(text: string): Iterable<{ readonly line: number; readonly by: string }> {
  let current = 0
  let isVia = false
  for (const [index, line] of text.split('\n').entries()) {
    if (/^[^\s#]/.test(line)) {
      current = index + 1
      isVia = false
    } else if (/^\s+# via\b/.test(line)) isVia = true
    const comment = line.trim()
    if (!isVia || !/^\s/.test(line) || !comment.startsWith('#')) continue
    const by = comment.replace(/^#(?:\s+via(?=\s|$))?/, '').trim()
    if (by !== '') yield { line: current, by }
  }
}
