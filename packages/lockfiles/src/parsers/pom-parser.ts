import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readXmlDocument, xmlChild, xmlChildren, type XmlElement } from '../syntax/xml-document.ts'

/** A property may name another one; deeper is a circle. */
const MAX_STEPS = 20
/** What properties may grow to. */
const MAX_LENGTH = 1024
/** Profiles may say different things; of more than this nothing is known. */
const MAX_MEANINGS = 16

/**
 * Reads the requirements of a `pom.xml`: dependencies, those that are managed or of profiles, plugins with their dependencies, annotation processors,
 * extensions and the parent.
 * Properties of the file are filled in, where profiles give them several values with each; a version that comes from elsewhere (a parent, a
 * list of versions, a property of those) may be any.
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
    } else for (const child of element.children) if (child.name !== 'exclusions') open.push(child)
  }
  return reading.result()
}

const ARTIFACTS = new Set(['dependency', 'plugin', 'extension', 'parent'])

/** Of plugins that name none. */
const DEFAULT_GROUP = 'org.apache.maven.plugins'

/** What a text may stand for; `undefined`: nobody knows. */
type Meanings = readonly (string | undefined)[]

/** By name; several values where profiles differ. */
type Properties = ReadonlyMap<string, readonly string[]>

function readArtifact(
  element: XmlElement,
  { reading, properties }: { reading: LockfileReading; properties: Properties },
): void {
  const meaningsOf = (name: string): Meanings => meaningsIn(xmlChild(element, name)?.text ?? '', properties)
  const isPlugin = element.name === 'plugin' && xmlChild(element, 'groupId') === undefined
  const names = coordinatesOf(isPlugin ? [DEFAULT_GROUP] : meaningsOf('groupId'), meaningsOf('artifactId'))
  const line = xmlChild(element, 'artifactId')?.line ?? element.line
  const versions = meaningsOf('version')
  // As with the meanings of one text: what may be very many things may be any.
  const ranges = names.length * versions.length > MAX_MEANINGS ? [undefined] : versions
  if (names.includes(undefined)) {
    reading.misunderstood(line, element.name, 'its groupId or artifactId is not known')
  }
  const scopes = meaningsOf('scope')
  // What is on the machine, or in a folder of it.
  if (scopes.every((scope) => scope === 'system')) return
  const dev = scopes.every((scope) => scope === 'test')
  for (const name of names) {
    if (name === undefined) continue
    for (const range of ranges) {
      reading.require({ name, range: range ?? '', ecosystem: 'maven', line, dev })
    }
  }
}

function coordinatesOf(groups: Meanings, artifacts: Meanings): Meanings {
  if (groups.length * artifacts.length > MAX_MEANINGS) return [undefined]
  return groups.flatMap((group) =>
    artifacts.map((artifact) => (group === undefined || artifact === undefined ? undefined : `${group}:${artifact}`)),
  )
}

/** The properties of the file, of its profiles too, and what Maven itself calls the project's coordinates. */
function readProperties(project: XmlElement): Properties {
  const properties = new Map<string, string[]>()
  const add = (name: string, value: string): void => {
    const values = properties.get(name)
    if (values === undefined) properties.set(name, [value])
    else if (values.length <= MAX_MEANINGS && !values.includes(value)) values.push(value)
  }
  const parent = xmlChild(project, 'parent')
  for (const name of ['groupId', 'artifactId', 'version']) {
    const above = xmlChild(parent, name)?.text
    const own = xmlChild(project, name)?.text ?? above
    const names = [`project.${name}`, `pom.${name}`, name]
    if (own !== undefined) for (const spelling of names) add(spelling, own)
    if (above !== undefined) add(`project.parent.${name}`, above)
  }
  const profiles = xmlChildren(xmlChild(project, 'profiles'), 'profile')
  const written = [project, ...profiles].flatMap((holder) => xmlChild(holder, 'properties')?.children ?? [])
  for (const { name, text } of written) add(name, text)
  return properties
}

/** What a text can mean, its properties filled in; `undefined` among them where one is not in the file, or there is no text. */
function meaningsIn(text: string, properties: Properties): Meanings {
  let meanings: Meanings = [text === '' ? undefined : text]
  for (let step = 0; meanings.some((meaning) => meaning?.includes('${') === true); step++) {
    if (step === MAX_STEPS) return [undefined]
    meanings = [...new Set(meanings.flatMap((meaning) => filledOnce(meaning, properties)))]
    if (meanings.length > MAX_MEANINGS) return [undefined]
  }
  return meanings
}

/** With each value of its first property in the place of that. */
function filledOnce(text: string | undefined, properties: Properties): Meanings {
  const [whole, name = ''] = /\$\{([^{}]*)\}/.exec(text ?? '') ?? []
  if (text === undefined || whole === undefined) return [text?.includes('${') === true ? undefined : text]
  const values = properties.get(name) ?? [undefined]
  return values.map((value) => {
    if (value === undefined || text.length + value.length > MAX_LENGTH) return undefined
    return text.replace(whole, () => value) || undefined
  })
}
