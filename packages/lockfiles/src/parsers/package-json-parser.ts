import { type DataTable, type DataValue, dataTable, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { readRegistryTarball, sourceOfAddress } from '../identity/package-address.ts'
import { isPackageName, readAlias, readPatch } from '../identity/package-name.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'

const SECTIONS = [
  ['dependencies', false],
  ['devDependencies', true],
  ['optionalDependencies', false],
  ['peerDependencies', false],
] as const

/** References that no registry answers, or that other files of the project fill in. */
const ELSEWHERE = /^(?:workspace|catalog|file|link|portal|exec|jsr):|^(?:[\w.-]+\/[\w.-]+(?:#.*)?|\.{0,2}\/.*|~\/.*)$/

/**
 * Reads the requirements of a `package.json`, with what it overrides. Aliases and patches are resolved; the address of a registry's tarball pins
 * what it names. What comes from git, folders, workspaces or catalogs is no range.
 */
export function parsePackageJson(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const manifest = readJsonObject(text, reading)
  for (const [section, dev] of SECTIONS) readSection(manifest, { section, dev, reading })
  readOverrides(manifest, reading)
  return reading.result()
}

interface Section {
  readonly section: string
  readonly dev: boolean
  readonly reading: LockfileReading
}

function readSection(manifest: DataTable, { section, dev, reading }: Section): void {
  const found = manifest.get(section)
  if (found === undefined) return
  if (!isDataTable(found.value)) {
    // npm takes an empty array for nothing.
    if (!Array.isArray(found.value) || found.value.length > 0)
      reading.misunderstood(found.line, section, 'it is no object')
    return
  }
  for (const [name, { value, line }] of found.value) {
    if (typeof value === 'string') addReference(name, value, { line, dev, reading })
    else reading.misunderstood(line, name, 'its requirement is no text')
  }
}

function addReference(
  name: string,
  reference: string,
  { line, dev, reading }: { line: number; dev: boolean; reading: LockfileReading },
): void {
  const common = { ecosystem: 'npm', line, dev } as const
  const plain = reference.trim()
  const patched = readPatch(plain)
  if (patched !== undefined) {
    addReference(patched.name, patched.reference, { line, dev, reading })
    return
  }
  // `npm:^1.0.0` is no alias.
  const isAlias = plain.startsWith('npm:') && !/^npm:(?:[\^~<>=*]|v?\d+(?:\.|$)|$)/.test(plain)
  const alias = isAlias ? (readAlias(plain) ?? readAlias(`${plain}@*`)) : undefined
  if (alias !== undefined) reading.require({ ...common, name: alias.name, range: alias.reference })
  else if (plain.startsWith('npm:')) reading.require({ ...common, name, range: plain.slice('npm:'.length) })
  else if (/^https?:/.test(plain)) {
    const tarball = readRegistryTarball(plain)
    if (tarball !== undefined) reading.require({ ...common, name: tarball.name, range: tarball.version })
  } else if (!ELSEWHERE.test(plain) && sourceOfAddress(plain) === undefined) {
    if (isPackageName(name)) reading.require({ ...common, name, range: plain })
    else reading.misunderstood(line, name, 'it is no package name')
  }
}

/** npm's `overrides`, pnpm's and yarn's `resolutions`: what stands there is what dependencies get. */
function readOverrides(manifest: DataTable, reading: LockfileReading): void {
  const sections = [
    [manifest, 'overrides'],
    [manifest, 'resolutions'],
    [dataTable(manifest, 'pnpm'), 'overrides'],
  ] as const
  for (const [holder, key] of sections) reading.expect('object', holder, key)
  const open = sections.map(([holder, key]) => ({ section: dataTable(holder, key), parent: '' }))
  for (let level = open.pop(); level !== undefined; level = open.pop()) {
    for (const [key, { value, line }] of level.section) {
      const name = key === '.' ? level.parent : overriddenName(key)
      if (isDataTable(value)) open.push({ section: value, parent: name })
      else if (isReplacement(value) && isPackageName(name)) addReference(name, value, { line, dev: false, reading })
    }
  }
}

/** `$name` repeats a requirement, `-` takes a package away. */
function isReplacement(value: DataValue): value is string {
  return typeof value === 'string' && !value.startsWith('$') && value !== '-'
}

/** The package in `a`, `a@^1`, `parent>a@1`, `parent/**\/a`. */
function overriddenName(selector: string): string {
  const last = selector.slice(endOfParents(selector))
  const slash = last.lastIndexOf('/')
  const at = last.indexOf('@', Math.max(slash + 1, 1))
  const path = at === -1 ? last : last.slice(0, at)
  const scope = slash < 1 ? 0 : path.lastIndexOf('/', slash - 1) + 1
  return path.slice(path[scope] === '@' ? scope : slash + 1)
}

/** Behind the last `>` that is no operator: pnpm takes one behind a space, `|` or `@` for that, as in `a@>=1 <2 || >3`. */
function endOfParents(selector: string): number {
  let end = selector.length
  while (end > 0 && (selector[end - 1] !== '>' || ' |@'.includes(selector[end - 2] ?? ' '))) end--
  return end
}
