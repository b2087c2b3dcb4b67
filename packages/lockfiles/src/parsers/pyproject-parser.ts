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
import { readPythonRequirement } from './python-requirement.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'

/**
 * Reads the requirements of a `pyproject.toml`: those of the project and its extras, groups and the build (PEP 508, 621, 735), and those of
 * Poetry, PDM, uv and Hatch. What has an address or a path is no range.
 */
export function parsePyproject(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const manifest = readTomlDocument(text)
  const project = dataTable(manifest, 'project')
  readList(project.get('dependencies'), { reading, dev: false })
  readGroups(dataTable(project, 'optional-dependencies'), { reading, dev: false })
  readGroups(dataTable(manifest, 'dependency-groups'), { reading, dev: true })
  readList(dataTable(manifest, 'build-system').get('requires'), { reading, dev: true })

  const tool = dataTable(manifest, 'tool')
  readGroups(dataTable(dataTable(tool, 'pdm'), 'dev-dependencies'), { reading, dev: true })
  const uv = dataTable(tool, 'uv')
  readList(uv.get('dev-dependencies'), { reading, dev: true })
  // What dependencies get, whatever they ask for.
  for (const key of ['override-dependencies', 'constraint-dependencies']) readList(uv.get(key), { reading, dev: false })
  readHatch(dataTable(dataTable(tool, 'hatch'), 'envs'), reading)
  readPoetry(dataTable(tool, 'poetry'), reading)
  return reading.result()
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

function readHatch(environments: DataTable, reading: LockfileReading): void {
  for (const { value } of environments.values()) {
    if (!isDataTable(value)) continue
    readList(value.get('dependencies'), { reading, dev: true })
    readList(value.get('extra-dependencies'), { reading, dev: true })
  }
}

function readPoetry(poetry: DataTable, reading: LockfileReading): void {
  readPoetryTable(dataTable(poetry, 'dependencies'), { reading, dev: false })
  readPoetryTable(dataTable(poetry, 'dev-dependencies'), { reading, dev: true })
  for (const { value } of dataTable(poetry, 'group').values()) {
    if (isDataTable(value)) readPoetryTable(dataTable(value, 'dependencies'), { reading, dev: true })
  }
}

function readPoetryTable(table: DataTable, { reading, dev }: Context): void {
  for (const [name, { value, line }] of table) {
    if (name === 'python') continue
    // Several requirements, one for each platform.
    const entries = isDataList(value) ? value : [{ value, line }]
    for (const entry of entries) {
      const range = poetryRange(entry.value)
      if (range === undefined) reading.misunderstood(line, name, 'it has no version and no address')
      else if (range !== ADDRESSED) reading.require({ name, range, ecosystem: 'pypi', line, dev })
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
