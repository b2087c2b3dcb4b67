import { EXIT_CODES } from '@x/core'

import { type Command, defineCommand } from '../cli/command.ts'
import { COMMAND_NAME } from '../cli/program.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionCommand: Command = defineCommand({
  name: 'completion',
  summary: `Prints a script that lets a shell complete ${COMMAND_NAME}.`,
  operands: { value: 'SHELL', about: SHELLS.join(', '), least: 1, most: 1, choices: SHELLS },
  options: {},
  examples: [
    { about: 'bash: in ~/.bashrc, write  eval "$(x-demo completion bash)"', words: 'completion bash' },
    { about: 'fish: write it into ~/.config/fish/completions/x-demo.fish', words: 'completion fish' },
  ],
  run: async ({ operands: [shell] }) => {
    const { completionScript } = await import('../cli/completion/completion-script.ts')
    const { COMMANDS } = await import('./command-table.ts')
    process.stdout.write(completionScript(shell as (typeof SHELLS)[number], COMMANDS))
    return EXIT_CODES.success
  },
})
