import {
  type DataEntry,
  type DataList,
  type DataTable,
  dataTable,
  dataText,
  isDataList,
  isDataTable,
} from '../syntax/data-value.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { normalizeName } from '../identity/package-coordinates.ts'
import { readPythonRequirement } from './python-requirement.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'

/**
 * Reads the requirements of a `pyproject.toml`: those of the project and its extras, groups and the build (PEP 508, 621, 735), and those of
 * Poetry, PDM, uv and Hatch, also what they override and what builds and plugins need. What has an address or a path is no range.
 */
export function parsePyproject(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const manifest = readTomlDocument(text)
  const project = section(manifest, 'project', reading)
  readList(project.get('dependencies'), { reading, dev: false })
  readGroups(section(project, 'optional-dependencies', reading), { reading, dev: false })
  readGroups(section(manifest, 'dependency-groups', reading), { reading, dev: true })
  readList(section(manifest, 'build-system', reading).get('requires'), { reading, dev: true })

  const tool = section(manifest, 'tool', reading)
  readPdm(section(tool, 'pdm', reading), reading)
  readUv(section(tool, 'uv', reading), reading)
  readHatch(section(tool, 'hatch', reading), reading)
  readPoetry(section(tool, 'poetry', reading), { reading, listed: listedNames(manifest) })
  return reading.result()
}

/** The table of a key; what is none is a problem. */
function section(holder: DataTable, key: string, reading: LockfileReading): DataTable {
  reading.expect('object', holder, key)
  return dataTable(holder, key)
}

interface Context {
  readonly reading: LockfileReading
  readonly dev: boolean
}

function readGroups(groups: DataTable, context: Context): void {
  for (const entry of groups.values()) readList(entry, context)
}

function readList(entry: DataEntry | undefined, context: Context): void {
  if (entry === undefined) return
  if (!isDataList(entry.value)) context.reading.misunderstood(entry.line, 'dependencies', 'it is no list')
  else readRequirements(entry.value, context)
}

function readRequirements(list: DataList, { reading, dev }: Context): void {
  for (const { value, line } of list) {
    // `{ include-group = "test" }`: the group is read by itself.
    if (isDataTable(value) && value.has('include-group')) continue
    const requirement = typeof value === 'string' ? readPythonRequirement(value) : undefined
    if (requirement === undefined) {
      const text = typeof value === 'string' ? value : 'dependencies'
      if (!isPath(text)) reading.misunderstood(line, text, 'it is no requirement')
    } else if (requirement.url === undefined) {
      reading.require({ name: requirement.name, range: requirement.range, ecosystem: 'pypi', line, dev })
    }
  }
}

/** PDM writes `-e file:///…#egg=name`. */
function isPath(text: string): boolean {
  return /^(?:-e\s|file:|\.{1,2}\/)/.test(text)
}

function readPdm(pdm: DataTable, reading: LockfileReading): void {
  readGroups(section(pdm, 'dev-dependencies', reading), { reading, dev: true })
  const overrides = section(section(pdm, 'resolution', reading), 'overrides', reading)
  for (const [name, { value, line }] of overrides) {
    if (typeof value !== 'string') reading.misunderstood(line, name, 'its requirement is no text')
    else if (!value.includes('://')) reading.require({ name, range: value, ecosystem: 'pypi', line, dev: false })
  }
}

function readUv(uv: DataTable, reading: LockfileReading): void {
  for (const key of ['dev-dependencies', 'build-constraint-dependencies']) readList(uv.get(key), { reading, dev: true })
  // What dependencies get, whatever they ask for.
  for (const key of ['override-dependencies', 'constraint-dependencies']) readList(uv.get(key), { reading, dev: false })
}

/** Environments, and what the build and its hooks need, for all targets or for one. */
function readHatch(hatch: DataTable, reading: LockfileReading): void {
  const environments = section(hatch, 'envs', reading)
  const build = section(hatch, 'build', reading)
  const builds = [build, ...sectionsIn(section(build, 'targets', reading), reading)]
  const hooks = builds.flatMap((holder) => sectionsIn(section(holder, 'hooks', reading), reading))
  for (const holder of [...sectionsIn(environments, reading), ...builds, ...hooks]) {
    readList(holder.get('dependencies'), { reading, dev: true })
    readList(holder.get('extra-dependencies'), { reading, dev: true })
  }
}

/** The tables of all keys. */
function sectionsIn(holder: DataTable, reading: LockfileReading): DataTable[] {
  return Array.from(holder.keys(), (key) => section(holder, key, reading))
}

/** What the project, its extras and groups ask for, by normalised names. */
function listedNames(manifest: DataTable): Set<string> {
  const project = dataTable(manifest, 'project')
  const groups = [dataTable(project, 'optional-dependencies'), dataTable(manifest, 'dependency-groups')]
  const lists = [project.get('dependencies'), ...groups.flatMap((group) => [...group.values()])]
  const items = lists.flatMap((list) => (isDataList(list?.value) ? list.value : []))
  const names = items.map(({ value }) => (typeof value === 'string' ? readPythonRequirement(value)?.name : undefined))
  return new Set(names.map((name = '') => normalizeName('pypi', name)))
}

interface PoetryContext {
  readonly reading: LockfileReading
  /** To what is listed elsewhere, Poetry only adds a source or the like. */
  readonly listed: ReadonlySet<string>
}

function readPoetry(poetry: DataTable, context: PoetryContext): void {
  const { reading } = context
  readPoetryTable(section(poetry, 'dependencies', reading), { ...context, dev: false })
  const groups = sectionsIn(section(poetry, 'group', reading), reading)
  for (const table of [
    section(poetry, 'dev-dependencies', reading),
    section(poetry, 'requires-plugins', reading),
    ...groups.map((group) => section(group, 'dependencies', reading)),
  ]) {
    readPoetryTable(table, { ...context, dev: true })
  }
}

function readPoetryTable(table: DataTable, { reading, listed, dev }: PoetryContext & Context): void {
  for (const [name, { value, line }] of table) {
    if (name === 'python') continue
    // Several requirements, one for each platform.
    const entries = isDataList(value) ? value : [{ value, line }]
    for (const entry of entries) {
      const range = poetryRange(entry.value)
      if (range === ADDRESSED) continue
      if (range !== undefined) reading.require({ name, range, ecosystem: 'pypi', line, dev })
      else if (!isDataTable(entry.value) || !listed.has(normalizeName('pypi', name))) {
        reading.misunderstood(line, name, 'it has no version and no address')
      }
    }
  }
}

const ADDRESSED = Symbol('addressed')

function poetryRange(value: DataEntry['value']): string | typeof ADDRESSED | undefined {
  if (typeof value === 'string') return value
  if (!isDataTable(value)) return undefined
  return (
    dataText(value, 'version') ?? (['git', 'path', 'url', 'file'].some((key) => value.has(key)) ? ADDRESSED : undefined)
  )
}
