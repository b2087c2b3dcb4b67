import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { refuseLoneCarriageReturns } from '../syntax/line-breaks.ts'

const ENTRY = /^([^:=\s]+):([^:=\s]+):([^:=\s]+)=(\S*)$/

/** Whether a path, with `/` between folders, is that of a lockfile of Gradle: before version 7 each configuration has its own. */
export function isGradleLockfile(path: string): boolean {
  return /(?:^|\/)(?:(?:buildscript-|settings-)?gradle\.lockfile|dependency-locks\/[^/]+\.lockfile)$/.test(path)
}

/**
 * Reads `gradle.lockfile` and the older `*.lockfile` of one configuration. The file does not say what the project asks for: `direct` is false.
 * `dev` is what only configurations for tests have.
 */
export function parseGradleLockfile(text: string): ParsedLockfile {
  refuseLoneCarriageReturns(text)
  const reading = new LockfileReading()
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim()
    if (content === '' || content.startsWith('#') || content.startsWith('empty=')) continue
    const [, group, artifact, version, configurations] =
      ENTRY.exec(content.includes('=') ? content : `${content}=`) ?? []
    if (group === undefined || artifact === undefined || version === undefined) {
      reading.misunderstood(index + 1, content.slice(0, 200), 'it is no group, artifact and version')
      continue
    }
    const dev =
      configurations !== '' &&
      (configurations ?? '').split(',').every((name) => /^test|test(?:Compile|Runtime)/i.test(name))
    const name = `${group}:${artifact}`
    reading.packages.push({
      name,
      version,
      ecosystem: 'maven',
      line: index + 1,
      direct: false,
      dev,
      source: 'registry',
    })
  }
  return reading.result()
}
