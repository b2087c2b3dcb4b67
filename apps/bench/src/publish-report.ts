import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { reportPlots } from './plots/report-plots.ts'
import { type Report, reportText, summaryText } from './report.ts'

const BEGIN = '<!-- figures: written by `pnpm bench --publish` -->'
const END = '<!-- /figures -->'

/**
 * Writes a report to where it is read: its JSON into `apps/bench/figures`, its plots and the tables with every contestant
 * into `docs/figures`, and the plots and a line for each benchmark between the marks in the README of the package that the
 * topic is named for, if it has them.
 *
 * @returns the paths written, from the root.
 */
export function publishReport(report: Report, root: string): string[] {
  const { topic } = report
  const plots = reportPlots(report)
  const files = new Map([
    [`apps/bench/figures/${topic}.json`, `${JSON.stringify(report, undefined, 2)}\n`],
    [`docs/figures/${topic}.md`, `# Figures of @x/${topic}\n\n${reportText(report)}`],
  ])
  for (const [name, picture] of plots) files.set(`docs/figures/${name}.svg`, picture)
  const readme = `packages/${topic}/README.md`
  if (existsSync(join(root, readme))) {
    const text = readFileSync(join(root, readme), 'utf8')
    const replaced = replaceFigures(text, readmeText(report, [...plots.keys()]))
    if (replaced !== text) files.set(readme, replaced)
  }
  for (const [path, text] of files) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return [...files.keys()]
}

/** The plots that the front page shows: calls cold and warm, reads and writes of a cache, and cost against size. */
const FRONT_PAGE = ['github-batch', 'cache-sqlite', 'github-batch-sizes']

/**
 * Puts the main plots into the front page, as many as have been written.
 *
 * @returns the path written, from the root.
 */
export function publishFrontPage(root: string): string {
  const plots = FRONT_PAGE.filter((name) => existsSync(join(root, `docs/figures/${name}.svg`)))
  const page = join(root, 'README.md')
  const pictures = plots.map((name) => `![${name}](docs/figures/${name}.svg)`).join('\n\n')
  writeFileSync(page, replaceFigures(readFileSync(page, 'utf8'), pictures))
  return 'README.md'
}

/** Puts the pages among these files, by their paths from the root, into the layout of all others. */
export function formatPages(paths: readonly string[], root: string): void {
  const pages = paths.filter((path) => !path.endsWith('.svg'))
  execFileSync('pnpm', ['exec', 'prettier', '--log-level', 'warn', '--write', ...pages], {
    cwd: root,
    stdio: 'inherit',
  })
}

/** Puts figures between the marks of a page; a page without marks stays as it is. */
export function replaceFigures(page: string, figures: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin === -1 || end < begin) return page
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures.trim()}\n\n${page.slice(end)}`
}

function readmeText(report: Report, plots: readonly string[]): string {
  const figures = '../../docs/figures'
  return [
    summaryText(report),
    `Median rounds on one machine: compare within a line. [Every contestant, size and spread](${figures}/${report.topic}.md).\n`,
    ...plots.map((name) => `![${name}](${figures}/${name}.svg)\n`),
  ].join('\n')
}
