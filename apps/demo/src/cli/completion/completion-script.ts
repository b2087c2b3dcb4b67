import { type Command } from '../command.ts'
import { bashCompletion } from './bash-completion.ts'
import { completionEntries } from './completion-entry.ts'
import { fishCompletion } from './fish-completion.ts'
import { zshCompletion } from './zsh-completion.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<Shell, unknown>

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return SCRIPTS[shell](completionEntries(commands))
}
