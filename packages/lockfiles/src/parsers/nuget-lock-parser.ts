import { type DependencyNode } from '../dependency-node.ts'
import { dataTable, dataText, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'

/** Reads NuGet's `packages.lock.json` versions 1 and 2: a package is listed once for each framework and runtime. */
export function parseNuGetLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readJsonObject(text, reading)
  const version = dataText(lockfile, 'version')
  if (version !== '1' && version !== '2') {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The version ${JSON.stringify(version)} is not 1 or 2.`)
  }
  if (!lockfile.has('dependencies')) reading.problems.push({ line: 1, reason: 'There is no section "dependencies".' })
  reading.expect('object', lockfile, 'dependencies')
  for (const [framework, { value, line }] of dataTable(lockfile, 'dependencies')) {
    if (!isDataTable(value)) {
      reading.misunderstood(line, framework, 'its value is no object')
      continue
    }
    for (const [name, { value: entry, line: entryLine }] of value) {
      const type = isDataTable(entry) ? dataText(entry, 'type') : undefined
      const resolved = isDataTable(entry) ? dataText(entry, 'resolved') : undefined
      const common = { name, ecosystem: 'nuget', line: entryLine, dev: false } as const
      if (type === 'Project') reading.packages.push({ ...common, version: '', direct: true, source: 'workspace' })
      else if (resolved === undefined || resolved === '')
        reading.misunderstood(entryLine, name, 'it is resolved to no version')
      else reading.packages.push({ ...common, version: resolved, direct: type === 'Direct', source: 'registry' })
    }
  }
  return reading.result()
}

/** Who asks for whom, within a framework; case does not count. */
export function readNuGetNodes(text: string): DependencyNode[] {
  const frameworks = dataTable(readJsonObject(text, { problems: [] }), 'dependencies')
  return Array.from(frameworks.values(), ({ value }, index) => {
    const keyOf = (name: string): string => `${index} ${name.toLowerCase()}`
    return Array.from(isDataTable(value) ? value : [], ([name, { value: entry, line }]) => {
      const required = isDataTable(entry) ? [...dataTable(entry, 'dependencies').keys()] : []
      return { line, name, keys: [keyOf(name)], requires: required.map(keyOf) }
    })
  }).flat()
}
