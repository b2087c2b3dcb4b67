import { type Command } from '../../cli/command.ts'

export const cacheCommands: readonly Command[] = []
