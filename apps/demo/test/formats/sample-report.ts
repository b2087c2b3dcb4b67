import { type ScanReport } from '../../src/formats/scan-report.ts'

/** Something of everything, with what a repository's author could write to do harm. */
export function sampleReport(result: Partial<ScanReport['result']> = {}): ScanReport {
  return {
    result: {
      findings: [
        {
          repository: 'acme/web',
          file: 'apps/site/package-lock.json',
          line: 556,
          ecosystem: 'npm',
          package: '@scope/event-stream',
          version: '3.3.6',
          source: 'event-stream backdoor (2018-11-26)',
          reference: 'https://github.com/dominictarr/event-stream/issues/116',
          direct: true,
        },
        {
          repository: 'acme/web',
          file: 'a|b `c` <img>\n# x/yarn.lock',
          line: 3,
          ecosystem: 'npm',
          package: 'evil',
          version: '=cmd|1.0.0',
          source: 'list.txt',
          direct: false,
          through: ['express@4.0.0', '=q|s@1.0.0'],
        },
      ],
      warnings: [
        {
          repository: 'acme/api',
          file: 'package.json',
          line: 7,
          ecosystem: 'npm',
          package: 'evil',
          version: '2.0.0',
          source: 'list.txt',
          range: '^2.0.0',
        },
      ],
      ledger: [
        { repository: 'acme/web', status: 'scanned' },
        { repository: 'acme/api', status: 'failed', why: 'yarn.lock: "said", and more' },
        { repository: 'acme/old', status: 'skipped', why: 'archived' },
        { repository: 'acme/older', status: 'skipped', why: 'archived' },
      ],
      cost: { requests: 1_200, restPoints: 1_100, graphqlPoints: 1, bytes: 2_000_000, cacheHits: 1 },
      complete: false,
      ...result,
    },
    id: '3e671687-395b-41f5-a30f-a58921a69b79',
    startedAt: new Date('2026-11-25T10:00:00Z'),
    endedAt: new Date('2026-11-25T10:01:00Z'),
    version: '1.2.3',
    catalog: { size: 2, hash: 'f'.repeat(64) },
    webUrl: 'https://github.com',
  }
}

export const CLEAN: Partial<ScanReport['result']> = {
  findings: [],
  warnings: [],
  ledger: [{ repository: 'acme/web', status: 'scanned' }],
  complete: true,
}
