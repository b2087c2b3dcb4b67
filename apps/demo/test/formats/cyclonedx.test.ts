import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { describe, expect, it } from 'vitest'

import { formatScan } from '../../src/formats/scan-format.ts'
import { CLEAN, sampleReport } from './sample-report.ts'

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)

interface Bom {
  components: { purl: string; evidence: { occurrences: { location: string; line: number }[] } }[]
  vulnerabilities: { affects: { ref: string }[]; analysis: { state: string } }[]
  metadata: { properties: { name: string; value: string }[] }
}
const bom = (...args: Parameters<typeof sampleReport>): Bom =>
  JSON.parse(formatScan('cyclonedx', sampleReport(...args))) as Bom

describe('CycloneDX', () => {
  it('is valid by the schema of CycloneDX 1.6, which refuses what is not', async () => {
    expect(await validator.validate(formatScan('cyclonedx', sampleReport()))).toBeNull()
    expect(await validator.validate(formatScan('cyclonedx', sampleReport(CLEAN)))).toBeNull()
    expect(await validator.validate(JSON.stringify({ ...bom(), serialNumber: 'x' }))).not.toBeNull()
  })

  it('has a component for each listed package, with every place, and what affects it', () => {
    const { components, vulnerabilities } = bom()
    expect(components.map(({ purl }) => purl)).toEqual([
      'pkg:npm/%40scope/event-stream@3.3.6',
      'pkg:npm/evil@%3Dcmd%7C1.0.0',
      'pkg:npm/evil@2.0.0',
    ])
    expect(components[0]?.evidence.occurrences).toEqual([
      { location: 'acme/web/apps/site/package-lock.json', line: 556, additionalContext: 'direct' },
    ])
    expect(components[1]?.evidence.occurrences).toMatchObject([
      { additionalContext: 'through express@4.0.0 > =q|s@1.0.0' },
    ])
    expect(vulnerabilities.map(({ affects }) => affects[0]?.ref)).toEqual(components.map(({ purl }) => purl))
    expect(vulnerabilities.map(({ analysis }) => analysis.state)).toEqual(['exploitable', 'exploitable', 'in_triage'])
  })

  it('says what was not read', () => {
    const properties = Object.fromEntries(bom().metadata.properties.map(({ name, value }) => [name, value]))
    expect(properties).toMatchObject({
      'x-demo:complete': 'false',
      'x-demo:not-read': 'acme/api: yarn.lock: "said", and more',
    })
  })
})
