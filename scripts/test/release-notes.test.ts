import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { changesetTexts, checkChangelogs, versionsOf } from '../release/release-notes.ts'

function workspace(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'x-workspace-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const TEXTS = ['`get()` answers\nat once.']

it('changesetTexts() reads what changesets say', () => {
  const head = "---\n'@x/core': minor\n---\n\n"
  expect(changesetTexts(workspace({ '.changeset/a.md': `${head}\`get()\` answers\nat once.\n` }))).toEqual(TEXTS)
})

it('checkChangelogs() finds a text however it is indented', () => {
  checkChangelogs(workspace({ 'packages/core/CHANGELOG.md': '- abc: `get()` answers\n  at once.\n' }), TEXTS)
})

it('checkChangelogs() refuses a text that no changelog has', () => {
  expect(() => {
    checkChangelogs(workspace({ 'packages/core/CHANGELOG.md': '- abc: Other.\n' }), TEXTS)
  }).toThrow('No changelog has: `get()` answers')
})

it('versionsOf() knows every package', () => {
  const files = { 'packages/core/package.json': '{ "name": "@x/core", "version": "0.1.0" }' }
  expect([...versionsOf(workspace(files))]).toEqual([['@x/core', '0.1.0']])
})

it('versionsOf() refuses a package without a version', () => {
  const files = { 'packages/new/package.json': '{ "name": "@x/new", "version": "0.0.0" }' }
  expect(() => versionsOf(workspace(files))).toThrow('No changeset, and so no version: @x/new')
})
