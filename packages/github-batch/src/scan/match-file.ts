import { type ParsedLockfile } from '@x/lockfiles'

import { type IocCatalog } from '../ioc/ioc-catalog.ts'
import { type Finding, type Warning } from './scan-result.ts'

/** Matches of a content, for each repository and path that has it. */
export interface FileMatches {
  /** Without their place. */
  readonly findings: readonly Omit<Finding, 'repository' | 'file'>[]
  /** Without their place. */
  readonly warnings: readonly Omit<Warning, 'repository' | 'file'>[]
}

/**
 * What a catalogue has of a parsed file: listed versions that are installed, or that a manifest asks for and no other; and
 * ranges that admit one.
 */
export function matchFile(catalog: IocCatalog, { packages, ranges }: ParsedLockfile): FileMatches {
  const installed = catalog.match(packages).map(({ package: found, ...listed }) => {
    const { line, ecosystem, name, version, direct } = found
    return { line, ecosystem, package: name, version, ...listedBy(listed), direct }
  })
  const required = catalog.matchRanges(ranges).map(({ range: found, version, ...listed }) => {
    const { line, ecosystem, name, range, exact } = found
    return { exact, match: { line, ecosystem, package: name, version, ...listedBy(listed) }, range }
  })
  return {
    findings: [
      ...installed,
      ...required.flatMap(({ exact, match }) => (exact === undefined ? [] : [{ ...match, direct: true }])),
    ],
    warnings: required.flatMap(({ exact, match, range }) => (exact === undefined ? [{ ...match, range }] : [])),
  }
}

/** An absent reference is no property: what a store gives back is the same. */
function listedBy({ source, reference }: Pick<Finding, 'source' | 'reference'>): Pick<Finding, 'source' | 'reference'> {
  return reference === undefined ? { source } : { source, reference }
}
