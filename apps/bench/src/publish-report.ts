import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { reportPlots } from './plots/report-plots.ts'
import { type Report, reportText } from './report.ts'

const BEGIN = '<!-- figures: written by `pnpm bench --publish` -->'
const END = '<!-- /figures -->'

/**
 * Writes a report to where it is read: its JSON into `apps/bench/figures`, its plots into `docs/figures`, and its tables
 * between the marks in the README of the package that the topic is named for, if it has them.
 *
 * @returns the paths written, from the root.
 */
export function publishReport(report: Report, root: string): string[] {
  const files = new Map([[`apps/bench/figures/${report.topic}.json`, `${JSON.stringify(report, undefined, 2)}\n`]])
  for (const [name, picture] of reportPlots(report)) files.set(`docs/figures/${name}.svg`, picture)
  const readme = `packages/${report.topic}/README.md`
  if (existsSync(join(root, readme))) {
    const text = readFileSync(join(root, readme), 'utf8')
    const replaced = replaceFigures(text, reportText(report))
    if (replaced !== text) files.set(readme, replaced)
  }
  for (const [path, text] of files) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return [...files.keys()]
}

/** Puts tables between the marks of a page; a page without marks stays as it is. */
export function replaceFigures(page: string, tables: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin === -1 || end < begin) return page
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables.trim()}\n\n${page.slice(end)}`
}
