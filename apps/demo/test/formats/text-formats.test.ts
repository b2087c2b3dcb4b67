import { describe, expect, it } from 'vitest'

import { formatScan } from '../../src/formats/scan-format.ts'
import { styleFor } from '../../src/output/style.ts'
import { CLEAN, sampleReport } from './sample-report.ts'

describe('table', () => {
  it('has findings first, then what could not be read, then what it cost', () => {
    const text = formatScan('table', sampleReport())
    const order = ['2 compromised packages in 1 repository:', 'acme/web  apps/site/package-lock.json:556']
    order.push(
      '@scope/event-stream@3.3.6  (direct)',
      'evil@=cmd|1.0.0  (through express@4.0.0 > =q|s@1.0.0)',
      'What to do:',
      'Could resolve to a listed version, in 1 repository:',
    )
    order.push('asked for as ^2.0.0', 'NOT READ, so this scan is incomplete:', 'acme/api: yarn.lock: "said", and more')
    order.push('Skipped: 2 archived.', '1 repository scanned, 2 skipped, 1 failed. 1,200 requests (1,100 REST points')
    const places = order.map((part) => text.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  it('names what is skipped only when more is asked for', () => {
    const layout = { style: styleFor(false), verbose: true }
    expect(formatScan('table', sampleReport(), layout)).toContain('acme/older: archived')
    expect(formatScan('table', sampleReport())).not.toContain('acme/older')
  })

  it('never says clean of what could not be read', () => {
    expect(formatScan('table', sampleReport(CLEAN))).toMatch(/^No compromised package found\.\n/)
    expect(formatScan('table', sampleReport({ ...CLEAN, complete: false }))).toMatch(
      /^No compromised package in what could be read\.\n/,
    )
  })

  it('writes out what would steer a terminal, and colours only when asked', () => {
    const [finding] = sampleReport().result.findings
    if (finding === undefined) throw new Error('no finding')
    const report = sampleReport({ findings: [{ ...finding, file: 'a\u001B[2J\u202Ex' }] })
    const plain = formatScan('table', report)
    expect(plain).toContain('a\\u001b[2J\\u202ex:556')
    expect(plain).not.toContain('\u001B')
    expect(formatScan('table', report, { style: styleFor(true), verbose: false })).toContain('\u001B[31m')
  })
})

describe('csv', () => {
  const rows = formatScan('csv', sampleReport()).split('\r\n')

  it('has a row for each finding and warning, and for what was skipped or failed', () => {
    expect(rows[0]).toBe(
      'kind,repository,file,line,ecosystem,package,version,range,direct,through,source,reference,why',
    )
    expect(rows[1]).toBe(
      'finding,acme/web,apps/site/package-lock.json,556,npm,@scope/event-stream,3.3.6,,true,,event-stream backdoor (2018-11-26),https://github.com/dominictarr/event-stream/issues/116,',
    )
    expect(rows.filter((row) => row.startsWith('warning,'))).toHaveLength(1)
    expect(rows.filter((row) => row.startsWith('skipped,'))).toHaveLength(2)
    expect(rows.at(-2)).toBe('skipped,acme/older,,,,,,,,,,,archived')
  })

  it('quotes what has quotes, commas and line breaks', () => {
    expect(rows).toContain('failed,acme/api,,,,,,,,,,,"yarn.lock: ""said"", and more"')
    expect(rows[2]).toContain('"a|b `c` <img>\n# x/yarn.lock"')
  })

  it('writes no formula that a spreadsheet would calculate', () => {
    expect(rows[2]).toContain(",'=cmd|1.0.0,,false,express@4.0.0 > =q|s@1.0.0,list.txt")
  })
})

describe('markdown', () => {
  const text = formatScan('markdown', sampleReport())

  it('links each finding to its line', () => {
    expect(text).toContain(
      '[apps/site/package-lock.json:556](https://github.com/acme/web/blob/HEAD/apps/site/package-lock.json#L556)',
    )
  })

  it('tells what asks for what was found', () => {
    expect(text).toContain('| direct |')
    expect(text).toContain('| through express@\u200B4.0.0 &gt; =q\\|s@\u200B1.0.0 |')
    expect(text).toContain('| asked for as ^2.0.0 |')
    const [first, second] = sampleReport().result.findings
    const transitive = { ...(second ?? first), through: undefined }
    expect(formatScan('markdown', sampleReport({ findings: [transitive] as never }))).toContain('| transitive |')
  })

  it('lets no name become markup, a mention or another line', () => {
    expect(text).not.toContain('<img>')
    expect(text).toContain('a\\|b \\`c\\` &lt;img&gt; \\# x/yarn.lock:3')
    expect(text).not.toMatch(/@scope/)
    expect(text.split('\n').filter((line) => line.startsWith('# '))).toEqual([])
  })
})

describe('json', () => {
  it('is the result itself', () => {
    expect(JSON.parse(formatScan('json', sampleReport()))).toEqual(JSON.parse(JSON.stringify(sampleReport().result)))
  })
})
