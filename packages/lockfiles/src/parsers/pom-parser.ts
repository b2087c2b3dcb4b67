import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readXmlDocument, xmlChild, xmlChildren, type XmlElement } from '../syntax/xml-document.ts'

/** A property may name another one; deeper is a circle. */
const MAX_STEPS = 20
/** What properties may grow to. */
const MAX_LENGTH = 1024

/**
 * Reads the requirements of a `pom.xml`: dependencies, those that are managed or of profiles, plugins with their dependencies, annotation processors,
 * extensions and the parent.
 * Properties of the file are filled in; a version that comes from elsewhere (a parent, a list of versions, a property of those) may be any.
 */
export function parsePom(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const project = readXmlDocument(text)
  if (project.name !== 'project') {
    throw new LockfileFault('MALFORMED', 'The root is no project of Maven.', { line: project.line, column: 1 })
  }
  const properties = readProperties(project)
  const open: XmlElement[] = [project]
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (ARTIFACTS.has(element.name)) readArtifact(element, { reading, properties })
    // Configurations are the plugins' own, but what the compiler runs is fetched as dependencies are, whatever its element is called.
    if (element.name === 'configuration') {
      const processors = xmlChild(element, 'annotationProcessorPaths')?.children ?? []
      for (const processor of processors) readArtifact(processor, { reading, properties })
    } else open.push(...element.children.filter(({ name }) => name !== 'exclusions'))
  }
  return reading.result()
}

const ARTIFACTS = new Set(['dependency', 'plugin', 'extension', 'parent'])

/** Of plugins that name none. */
const DEFAULT_GROUP = 'org.apache.maven.plugins'

type Properties = ReadonlyMap<string, string>

function readArtifact(
  element: XmlElement,
  { reading, properties }: { reading: LockfileReading; properties: Properties },
): void {
  const valueOf = (name: string): string | undefined => fill(xmlChild(element, name)?.text, properties)
  const group = valueOf('groupId') ?? (element.name === 'plugin' ? DEFAULT_GROUP : undefined)
  const artifact = valueOf('artifactId')
  const scope = valueOf('scope')
  const line = xmlChild(element, 'artifactId')?.line ?? element.line
  if (group === undefined || artifact === undefined) {
    reading.misunderstood(line, element.name, 'its groupId or artifactId is not known')
    return
  }
  // What is on the machine, or in a folder of it.
  if (scope === 'system') return
  const range = valueOf('version') ?? ''
  reading.require({ name: `${group}:${artifact}`, range, ecosystem: 'maven', line, dev: scope === 'test' })
}

/** The properties of the file, of its profiles too, and what Maven itself calls the project's coordinates. */
function readProperties(project: XmlElement): Properties {
  const properties = new Map<string, string>()
  const parent = xmlChild(project, 'parent')
  for (const name of ['groupId', 'artifactId', 'version']) {
    const above = xmlChild(parent, name)?.text
    const own = xmlChild(project, name)?.text ?? above
    const names = [`project.${name}`, `pom.${name}`, name]
    if (own !== undefined) for (const spelling of names) properties.set(spelling, own)
    if (above !== undefined) properties.set(`project.parent.${name}`, above)
  }
  const profiles = xmlChildren(xmlChild(project, 'profiles'), 'profile')
  const written = [...profiles, project].flatMap((holder) => xmlChild(holder, 'properties')?.children ?? [])
  for (const { name, text } of written) properties.set(name, text)
  return properties
}

/** The text with its properties filled in; undefined when one of them is not in the file. */
function fill(text: string | undefined, properties: Properties): string | undefined {
  let filled = text
  for (let step = 0; filled?.includes('${') === true; step++) {
    const [whole = '', name = ''] = /\$\{([^{}]*)\}/.exec(filled) ?? []
    const value = properties.get(name)
    if (value === undefined || step === MAX_STEPS || filled.length > MAX_LENGTH) return undefined
    filled = filled.replace(whole, () => value)
  }
  return filled === '' ? undefined : filled
}
