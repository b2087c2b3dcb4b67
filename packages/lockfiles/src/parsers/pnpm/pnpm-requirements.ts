import { type LockfileProblem } from '../../parsed-lockfile.ts'
import { isYamlMap, type YamlEntry, type YamlMap, yamlText } from '../../syntax/yaml-value.ts'

/** What each section serves: the last two are needed to install, not to run. */
const SECTIONS = {
  dependencies: { dev: false },
  optionalDependencies: { dev: false },
  devDependencies: { dev: true },
  configDependencies: { dev: true },
  packageManagerDependencies: { dev: true },
} as const

/** One line of an importer: a project of the workspace asks for a package. */
export interface PnpmRequirement {
  /** The project's folder, relative to the file. */
  readonly importer: string
  /** What the project calls the package. */
  readonly name: string
  /** What it was resolved to: a version, a key, `link:…`, an address. */
  readonly reference: string
  /** The line of the name, counted from 1. */
  readonly line: number
  /** Whether it serves development only. */
  readonly dev: boolean
}

/** Lists what the projects of a document ask for; what is not understood is added to `problems`. */
export function readPnpmRequirements(document: YamlMap, problems: LockfileProblem[]): PnpmRequirement[] {
  const requirements: PnpmRequirement[] = []
  for (const [importer, { value, line }] of readImporters(document)) {
    if (!isYamlMap(value)) {
      problems.push({ line, reason: `The importer ${JSON.stringify(importer)} is not understood.` })
      continue
    }
    for (const [section, { dev }] of Object.entries(SECTIONS)) {
      for (const [name, entry] of readSection(value, { section, problems })) {
        const reference = isYamlMap(entry.value) ? yamlText(entry.value, 'version') : entry.value
        if (typeof reference === 'string' && reference !== '') {
          requirements.push({ importer, name, reference, line: entry.line, dev })
        } else {
          problems.push({ line: entry.line, reason: `The requirement ${JSON.stringify(name)} is resolved to nothing.` })
        }
      }
    }
  }
  return requirements
}

/** Versions 5 and 6 write the sections of a lone project at the top. */
function readImporters(document: YamlMap): Iterable<readonly [string, YamlEntry]> {
  const importers = document.get('importers')
  if (importers === undefined) return [['.', { value: document, line: 1 }]]
  return isYamlMap(importers.value) ? importers.value : [['importers', importers]]
}

function readSection(
  importer: YamlMap,
  { section, problems }: { section: string; problems: LockfileProblem[] },
): Iterable<readonly [string, YamlEntry]> {
  const entry = importer.get(section)
  if (entry === undefined) return []
  if (isYamlMap(entry.value)) return entry.value
  problems.push({ line: entry.line, reason: `The section ${section} is not understood.` })
  return []
}
