import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { withReference } from '../src/cli/reference.ts'
import { COMMANDS } from '../src/commands/command-table.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('README.md has the reference of the commands as they are: else run `pnpm --filter @x/demo reference`', () => {
  expect(README).toBe(withReference(README, COMMANDS))
})
