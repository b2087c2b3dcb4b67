import { isWithin, within } from '../command-line.ts'
import { type Command } from '../command.ts'
import { GLOBAL_OPTIONS } from '../global-options.ts'
import { type Option } from '../option.ts'

/** What may follow the words that name a command, or a group of them. */
export interface CompletionEntry {
  readonly name: string
  /** Commands of the group, or the only operands that there are. */
  readonly words: readonly string[]
  readonly options: readonly (readonly [name: string, option: Option])[]
}

/** An entry for each command and each group, from the table of commands. */
export function completionEntries(commands: readonly Command[]): CompletionEntry[] {
  const names = new Set(['', ...commands.flatMap(({ name }) => [name.split(' ')[0] ?? '', name])])
  return Array.from(names, (name) => {
    const command = commands.find((candidate) => candidate.name === name)
    const isGroup = name === '' || commands.some((other) => other.name !== name && isWithin(other.name, name))
    return {
      name,
      words: isGroup
        ? within(name, commands)
            .split(', ')
            .filter((word) => word !== '')
        : (command?.operands?.choices ?? []),
      options: Object.entries({ ...command?.options, ...GLOBAL_OPTIONS }),
    }
  })
}
