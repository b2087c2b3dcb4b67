import { describe, expect, it } from 'vitest'

import { isDependencyFile } from '../src/index.ts'

describe('isDependencyFile', () => {
  it.each([
    'package-lock.json',
    'npm-shrinkwrap.json',
    'a/b/pnpm-lock.yaml',
    'a\\b\\yarn.lock',
    'node_modules/.package-lock.json',
    'a/node_modules/.package-lock.json',
    'my_node_modules/yarn.lock',
    'package.json',
    'requirements.txt',
    'a/requirements-dev.txt',
    'dev_requirements.txt',
    'requirements3.txt',
    'a/requirementsDev.txt',
    'constraints2.txt',
    'test-requirements3.txt',
    'a\\requirements\\base.txt',
    'pylock.toml',
    'pylock.dev.toml',
    'bom.json',
    'app.cdx.json',
    'app.spdx.json',
    'bun.lockb',
  ])('is true for %s', (path) => {
    expect(isDependencyFile(path)).toBe(true)
  })

  it.each([
    '',
    'Package-Lock.json',
    'package.json5',
    'notes.txt',
    'requirements.txt.bak',
    'node_modules/a/package.json',
    'my-requirements/dev.txt',
    'myrequirements.txt',
    'carbon.json',
    'package-lock.json/',
    'package-lock.json.bak',
    'node_modules/a/package-lock.json',
    'node_modules/yarn.lock',
    '.package-lock.json',
    'a/.package-lock.json',
    'node_modules/a/node_modules/.package-lock.json',
    '__proto__',
  ])('is false for %j', (path) => {
    expect(isDependencyFile(path)).toBe(false)
  })
})
