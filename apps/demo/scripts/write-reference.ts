import { readFileSync, writeFileSync } from 'node:fs'

import { withReference } from '../src/cli/reference.ts'
import { COMMANDS } from '../src/commands/command-table.ts'

const README = new URL('../README.md', import.meta.url)
writeFileSync(README, withReference(readFileSync(README, 'utf8'), COMMANDS))
