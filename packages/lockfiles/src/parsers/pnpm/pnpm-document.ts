import { posix } from 'node:path'

import { addInstalled } from '../../identity/add-installed.ts'
import { type LockedPackage, type LockfileProblem, type ParsedLockfile } from '../../parsed-lockfile.ts'
import { LONGEST_PATH } from '../longest-path.ts'
import { findDevelopmentOnly } from './pnpm-development.ts'
import { readPnpmEntry } from './pnpm-entry.ts'
import { pnpmKeyOf, type PnpmKeyStyle, withoutPeers } from './pnpm-package-key.ts'
import { type PnpmRequirement, readPnpmRequirements } from './pnpm-requirements.ts'
import { isYamlMap, type YamlMap, yamlMap, yamlText } from '../../syntax/yaml-value.ts'

/** Reads one document of a `pnpm-lock.yaml`: its packages, and the links between its projects. */
export function readPnpmDocument(document: YamlMap, style: PnpmKeyStyle): ParsedLockfile {
  const problems: LockfileProblem[] = []
  const requirements = readPnpmRequirements(document, problems)
  const links = readLinks(requirements, yamlMap(document, 'importers'))
  const direct = findDirect(document, { requirements, style, problems })
  const packages = readPackages(document, { requirements, style, problems, direct })
  const byLine = (a: { line: number }, b: { line: number }): number => a.line - b.line
  return { packages: [...links, ...packages].sort(byLine), ranges: [], problems: problems.sort(byLine) }
}

interface Context {
  readonly requirements: readonly PnpmRequirement[]
  readonly style: PnpmKeyStyle
  readonly problems: LockfileProblem[]
}

function readLinks(requirements: readonly PnpmRequirement[], importers: YamlMap): LockedPackage[] {
  return requirements
    .filter(({ reference }) => reference.startsWith('link:'))
    .map(({ importer, name, reference, line, dev }) => {
      const isProject =
        importer.length <= LONGEST_PATH && importers.has(posix.join(importer, reference.slice('link:'.length)))
      const source = isProject ? 'workspace' : 'link'
      return { name, version: '', ecosystem: 'npm', line, direct: true, dev, source, resolved: reference }
    })
}

/** The keys of `packages` that the projects ask for. One that is not there is a problem. */
function findDirect(document: YamlMap, { requirements, style, problems }: Context): Set<string> {
  const packages = yamlMap(document, 'packages')
  const direct = new Set<string>()
  for (const { name, reference, line } of requirements) {
    const key = pnpmKeyOf(name, reference, style)
    if (key === undefined) continue
    const found = [key, withoutPeers(key)].find((candidate) => packages.has(candidate))
    if (found !== undefined) direct.add(found)
    else problems.push({ line, reason: `The package ${JSON.stringify(key)} is not in the file.` })
  }
  return direct
}

function readPackages(document: YamlMap, { direct, ...context }: Context & { direct: Set<string> }): LockedPackage[] {
  const { style, problems } = context
  const found: LockedPackage[] = []
  const packages = sectionOf(document, { section: 'packages', problems })
  const developmentOnly = style === 'name@1.0.0' ? findDevelopmentOnly(document, context.requirements) : undefined

  for (const [key, { value, line }] of packages) {
    const entry: YamlMap = isYamlMap(value) ? value : new Map()
    const read = readPnpmEntry(key, entry, style)
    if (typeof read === 'string') {
      problems.push({ line, reason: `The entry ${JSON.stringify(key)} is not understood: ${read}.` })
      continue
    }
    const dev = developmentOnly?.has(key) ?? yamlText(entry, 'dev') === 'true'
    addInstalled({ packages: found, problems }, read, { line, direct: direct.has(key), dev })
  }
  checkSnapshots(document, { packages, problems })
  return found
}

function checkSnapshots(
  document: YamlMap,
  { packages, problems }: { packages: YamlMap; problems: LockfileProblem[] },
): void {
  for (const [key, { line }] of sectionOf(document, { section: 'snapshots', problems })) {
    if (packages.has(key) || packages.has(withoutPeers(key))) continue
    problems.push({ line, reason: `The snapshot ${JSON.stringify(key)} belongs to no package of the file.` })
  }
}

function sectionOf(
  document: YamlMap,
  { section, problems }: { section: string; problems: LockfileProblem[] },
): YamlMap {
  const entry = document.get(section)
  if (entry !== undefined && !isYamlMap(entry.value) && entry.value !== '') {
    problems.push({ line: entry.line, reason: `The section ${section} is not understood.` })
  }
  return yamlMap(document, section)
}
