import { type Ioc } from './ioc.ts'

interface Incident {
  readonly title: string
  /** The day it became known. */
  readonly date: string
  readonly reference: string
  readonly packages: Readonly<Record<string, readonly string[]>>
}

const INCIDENTS: readonly Incident[] = [
  {
    title: 'eslint-scope account takeover',
    date: '2018-07-12',
    reference: 'https://eslint.org/blog/2018/07/postmortem-for-malicious-package-publishes/',
    packages: { 'eslint-scope': ['3.7.2'], 'eslint-config-eslint': ['5.0.2'] },
  },
  {
    title: 'event-stream backdoor',
    date: '2018-11-26',
    reference: 'https://github.com/dominictarr/event-stream/issues/116',
    packages: { 'event-stream': ['3.3.6'], 'flatmap-stream': ['0.1.1'] },
  },
  {
    title: 'ua-parser-js account takeover',
    date: '2021-10-22',
    reference: 'https://github.com/advisories/GHSA-pjwm-rvh2-c87w',
    packages: { 'ua-parser-js': ['0.7.29', '0.8.0', '1.0.0'] },
  },
  {
    title: 'coa account takeover',
    date: '2021-11-04',
    reference: 'https://github.com/advisories/GHSA-73qr-pfmq-6rp8',
    packages: { coa: ['2.0.3', '2.0.4', '2.1.1', '2.1.3', '3.0.1', '3.1.3'] },
  },
  {
    title: 'rc account takeover',
    date: '2021-11-04',
    reference: 'https://github.com/advisories/GHSA-g2q5-5433-rhrf',
    packages: { rc: ['1.2.9', '1.3.9', '2.3.9'] },
  },
  {
    title: 'node-ipc destructive code',
    date: '2022-03-16',
    reference: 'https://github.com/advisories/GHSA-97m3-w2cp-4xx6',
    packages: { 'node-ipc': ['10.1.1', '10.1.2'] },
  },
  {
    title: 'Solana web3.js account takeover',
    date: '2024-12-03',
    reference: 'https://github.com/advisories/GHSA-jcxm-7wvp-g6p5',
    packages: { '@solana/web3.js': ['1.95.6', '1.95.7'] },
  },
  {
    title: 'chalk and debug account takeover',
    date: '2025-09-08',
    reference: 'https://github.com/chalk/chalk/issues/656',
    packages: {
      'ansi-regex': ['6.2.1'],
      'ansi-styles': ['6.2.2'],
      backslash: ['0.2.1'],
      chalk: ['5.6.1'],
      'chalk-template': ['1.1.1'],
      color: ['5.0.1'],
      'color-convert': ['3.1.1'],
      'color-name': ['2.0.1'],
      'color-string': ['2.1.1'],
      debug: ['4.4.2'],
      'error-ex': ['1.3.3'],
      'has-ansi': ['6.0.1'],
      'is-arrayish': ['0.3.3'],
      'simple-swizzle': ['0.2.3'],
      'slice-ansi': ['7.1.1'],
      'strip-ansi': ['7.1.1'],
      'supports-color': ['10.2.1'],
      'supports-hyperlinks': ['4.1.1'],
      'wrap-ansi': ['9.0.1'],
    },
  },
  {
    title: 'Shai-Hulud worm',
    date: '2025-09-15',
    reference: 'https://www.stepsecurity.io/blog/ctrl-tinycolor-and-40-npm-packages-compromised',
    packages: { '@ctrl/tinycolor': ['4.1.1', '4.1.2'] },
  },
]

/** A few incidents that are well documented in public: to try a scan at once, never to rely on alone. */
export const BUNDLED_INCIDENTS: readonly Ioc[] = INCIDENTS.flatMap(({ title, date, reference, packages }) =>
  Object.entries(packages).flatMap(([name, versions]) =>
    versions.map((version) => ({ ecosystem: 'npm' as const, name, version, source: `${title} (${date})`, reference })),
  ),
)
