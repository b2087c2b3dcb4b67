import { readFileSync } from 'node:fs'

import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'

import { formatScan } from '../../src/formats/scan-format.ts'
import { CLEAN, sampleReport } from './sample-report.ts'

/** The schema is written in draft 4; of what that has apart from draft 7 it uses `id` alone. */
function schemaValidator(): (document: unknown) => readonly unknown[] {
  const text = readFileSync(new URL('../schemas/sarif-2.1.0.json', import.meta.url), 'utf8')
  const schema: Record<string, unknown> = { ...(JSON.parse(text) as object), $schema: undefined, id: undefined }
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats.default(ajv)
  const validate = ajv.compile(schema)
  return (document) => (validate(document) ? [] : (validate.errors ?? []))
}
const faults = schemaValidator()

interface Sarif {
  runs: {
    automationDetails?: { id: string }
    invocations: [{ executionSuccessful: boolean; toolExecutionNotifications: { message: { text: string } }[] }]
    tool: { driver: { rules: { id: string; helpUri?: string }[] } }
    results: {
      ruleId: string
      ruleIndex: number
      level: string
      message: { text: string }
      locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }]
      partialFingerprints: Record<string, string>
    }[]
  }[]
}
const sarif = (...args: Parameters<typeof sampleReport>): Sarif =>
  JSON.parse(formatScan('sarif', sampleReport(...args))) as Sarif

describe('SARIF', () => {
  it('is valid by the schema of SARIF 2.1.0, which refuses what is not', () => {
    expect(faults(sarif())).toEqual([])
    expect(faults(sarif(CLEAN))).toEqual([])
    expect(faults({ ...sarif(), version: '2.0.0' })).not.toEqual([])
    const [run] = sarif().runs
    expect(
      faults({ ...sarif(), runs: [{ ...run, results: [{ level: 'fatal', message: { text: '' } }] }] }),
    ).not.toEqual([])
  })

  it('has a run for each repository, with the places of its findings', () => {
    const [web, api] = sarif().runs
    expect(web?.automationDetails?.id).toBe('x-demo/acme/web/')
    const places = web?.results.map(({ locations: [{ physicalLocation }] }) => physicalLocation)
    expect(places).toEqual([
      { artifactLocation: { uri: 'apps/site/package-lock.json' }, region: { startLine: 556 } },
      { artifactLocation: { uri: 'a%7Cb%20%60c%60%20%3Cimg%3E%0A%23%20x/yarn.lock' }, region: { startLine: 3 } },
    ])
    for (const { ruleId, ruleIndex } of web?.results ?? []) expect(web?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    expect(web?.results.map(({ message }) => message.text)).toEqual([
      expect.stringMatching(/^@scope\/event-stream@3\.3\.6 \(direct\) is listed by: /),
      expect.stringContaining('(through express@4.0.0 > =q|s@1.0.0) is listed by: '),
    ])
    expect(api?.results.map(({ level }) => level)).toEqual(['warning'])
  })

  it('names what was not read, and its run is not successful', () => {
    const [web, api] = sarif().runs
    expect(web?.invocations[0].executionSuccessful).toBe(true)
    expect(api?.invocations[0].executionSuccessful).toBe(false)
    expect(api?.invocations[0].toolExecutionNotifications[0]?.message.text).toContain('yarn.lock: "said", and more')
  })

  it('knows a finding again when its line moves', () => {
    const [first] = sampleReport().result.findings
    if (first === undefined) throw new Error('no finding')
    const prints = [first, { ...first, line: 9 }, { ...first, version: '9.9.9' }].map(
      (finding) =>
        sarif({ findings: [finding], warnings: [] }).runs[0]?.results[0]?.partialFingerprints['listedPackage/v1'],
    )
    expect(prints[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(prints[1]).toBe(prints[0])
    expect(prints[2]).not.toBe(prints[0])
  })

  it('is one empty run where there is nothing to say', () => {
    expect(sarif(CLEAN).runs).toHaveLength(1)
    expect(sarif(CLEAN).runs[0]?.results).toEqual([])
  })
})
