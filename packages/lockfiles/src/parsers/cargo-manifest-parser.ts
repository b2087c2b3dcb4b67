import { type DataTable, dataTable, dataText, isDataTable } from '../syntax/data-value.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'

/** The build's own are run on the machine that builds. */
const SECTIONS = [
  ['dependencies', false],
  ['build-dependencies', false],
  ['build_dependencies', false],
  ['dev-dependencies', true],
  ['dev_dependencies', true],
] as const

/**
 * Reads the requirements of a `Cargo.toml`: also those of targets, of the workspace, and what replaces them. `package` is the real name. What
 * has a path or comes from git without a version is no range, nor what the workspace fills in.
 */
export function parseCargoManifest(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const manifest = readTomlDocument(text)
  for (const section of ['target', 'workspace', 'patch']) reading.expect('object', manifest, section)
  const targets = dataTable(manifest, 'target')
  for (const target of targets.keys()) {
    reading.expect('object', targets, target)
    readSections(dataTable(targets, target), reading)
  }
  readSections(manifest, reading)
  readSections(dataTable(manifest, 'workspace'), reading)
  const patches = dataTable(manifest, 'patch')
  for (const source of patches.keys()) readSection(patches, source, { reading, dev: false })
  return reading.result()
}

interface Context {
  readonly reading: LockfileReading
  readonly dev: boolean
}

function readSections(holder: DataTable, reading: LockfileReading): void {
  for (const [section, dev] of SECTIONS) readSection(holder, section, { reading, dev })
}

function readSection(holder: DataTable, section: string, { reading, dev }: Context): void {
  reading.expect('object', holder, section)
  for (const [key, { value, line }] of dataTable(holder, section)) {
    if (typeof value === 'string') reading.require({ name: key, range: value, ecosystem: 'cargo', line, dev })
    else if (isDataTable(value)) {
      const name = dataText(value, 'package') ?? key
      const range = dataText(value, 'version')
      // A path wins over the version, which is for those who publish the crate; so does git.
      const isElsewhere = ['path', 'git', 'workspace'].some((property) => value.has(property))
      if (!isElsewhere) reading.require({ name, range: range ?? '*', ecosystem: 'cargo', line, dev })
    } else reading.misunderstood(line, key, 'its requirement is no text')
  }
}
