import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { reportPlots } from '../src/plots/report-plots.ts'
import { publishReport, replaceFigures } from '../src/publish-report.ts'
import { reportOf, reportText, summaryText } from '../src/report.ts'
import { type Outcome, type Row } from '../src/run-benchmark.ts'

function row(name: string, role: Row['role'], { oursIsTimes = 1, costs = {} }: Partial<Row> = {}): Row {
  return { name, role, median: 1_000, slowest: 900, fastest: 1_100, oursIsTimes, costs }
}

const READS: Outcome = {
  name: 'cache: get',
  unit: 'get',
  operations: 100,
  rounds: 5,
  rows: [
    row('ours', 'ours'),
    row('a raw Map', 'limit', { oursIsTimes: 0.8 }),
    row('dataloader, without its cache', 'peer', { oursIsTimes: 3 }),
    row('promise-coalesce', 'peer', { oursIsTimes: 1.5 }),
  ],
  missing: [],
  verdicts: [{ aim: '0.80 × the raw limit', reached: 0.72, missedBy: 0.1 }],
}

function scan(size: number): Outcome {
  const rows = [
    row('ours', 'ours', { costs: { requests: size / 10 } }),
    row('one by one', 'peer', { costs: { requests: size } }),
  ]
  return { ...READS, name: `scan of ${size}`, rows, series: { name: 'requests by repositories', size } }
}

describe('a report', () => {
  it('says of each target what was reached', () => {
    expect(reportText(reportOf('cache', [READS]))).toContain('Aim: 0.80 × the raw limit: 0.72, missed by 10 %.')
  })

  it('has a line for each benchmark in a README: ours beside the best peer and the limit', () => {
    expect(summaryText(reportOf('cache', [READS, scan(10), scan(100)]))).toContain(
      `
| cache: get | 1000 gets/s | promise-coalesce: 1000 | 1.50 | a raw Map: 1000 | 0.80 | 0.80 × the raw limit: 0.72, missed by 10 % |
| scan of 100 | requests 10, 1000 gets/s |`,
    )
  })

  it('shows of a series the largest size that most is aimed at', () => {
    const { verdicts } = READS
    const text = summaryText(
      reportOf('cache', [scan(10), { ...scan(100), verdicts }, { ...scan(1_000), verdicts: [] }]),
    )
    expect(text).toContain('| scan of 100 |')
    expect(text).not.toMatch(/scan of 10(00)? /)
  })

  it('names the peers that took part, with their versions', () => {
    expect(Object.keys(reportOf('cache', [READS]).peers)).toEqual(['dataloader', 'promise-coalesce'])
  })

  it('draws bars for each work at its main size, and a line for each contestant over several', () => {
    const plots = reportPlots(reportOf('cache', [READS, scan(10), scan(100), scan(1_000)]))
    expect([...plots.keys()]).toEqual(['cache', 'cache-sizes'])
    expect(plots.get('cache')?.match(/<rect class="(ours|peer|limit)"/g)).toHaveLength(6)
    expect(plots.get('cache-sizes')?.match(/<polyline/g)).toHaveLength(2)
  })
})

describe('replaceFigures()', () => {
  it('writes between the marks, and does so again', () => {
    const page = 'before\n\n<!-- figures: written by `pnpm bench --publish` -->\n\nold\n\n<!-- /figures -->\n\nafter\n'
    const once = replaceFigures(page, 'new\n')
    expect(once).toBe(page.replace('old', 'new'))
    expect(replaceFigures(once, 'new\n')).toBe(once)
  })

  it('leaves a page without marks as it is', () => {
    expect(replaceFigures('text', 'new')).toBe('text')
  })
})

describe('publishReport()', () => {
  it('writes the figures, the plots and the table of the package', () => {
    const root = mkdtempSync(join(tmpdir(), 'x-figures-'))
    onTestFinished(() => {
      rmSync(root, { recursive: true })
    })
    mkdirSync(join(root, 'packages/cache'), { recursive: true })
    const readme = join(root, 'packages/cache/README.md')
    writeFileSync(readme, '<!-- figures: written by `pnpm bench --publish` -->\n<!-- /figures -->\n')
    const written = publishReport(reportOf('cache', [READS]), root)
    expect(written).toEqual([
      'apps/bench/figures/cache.json',
      'docs/figures/cache.md',
      'docs/figures/cache.svg',
      'packages/cache/README.md',
    ])
    expect(readFileSync(readme, 'utf8')).toContain('| cache: get | 1000 gets/s |')
  })
})
