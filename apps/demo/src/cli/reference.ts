import { EXIT_CODES } from '@x/core'

import { type Command } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { EXIT_CODE_MEANINGS, optionAbout, optionGroups, optionSyntax, usageLine } from './help-text.ts'
import { type Options } from './option.ts'

/** The part of the README that is made from the table of commands. */
function referenceMarkdown(commands: readonly Command[]): string {
  const parts = commands.map((command) => commandPart(command))
  const codes = Object.entries(EXIT_CODES).map(([key, code]) => [
    String(code),
    EXIT_CODE_MEANINGS[key as keyof typeof EXIT_CODES],
  ])
  return [
    ...parts,
    `### Options of every command\n\n${optionTable(GLOBAL_OPTIONS)}`,
    `### Exit codes\n\n${markdownTable(['code', 'meaning'], codes)}`,
  ].join('\n\n')
}

function commandPart(command: Command): string {
  const { summary, description, operands, options } = command
  const about = operands === undefined ? '' : `\n\n\`${operands.value}\`: ${operands.about}`
  const text = description === undefined ? '' : `\n\n${description}`
  const table = Object.keys(options).length === 0 ? '' : `\n\n${optionTable(options)}`
  return `### \`${usageLine(command)}\`\n\n${summary}${about}${text}${table}`
}

function optionTable(options: Options): string {
  const rows = [...optionGroups(options).values()].flat().map(([name, option]) => {
    const short = option.short === undefined ? '' : `\`-${option.short}\`, `
    const environment = option.environment === undefined ? '' : ` Also \`${option.environment}\`.`
    return [`${short}\`${optionSyntax(name, option)}\``, `${optionAbout(option)}${environment}`]
  })
  return markdownTable(['option', ''], rows)
}

/** Laid out as Prettier does: columns padded to their widest cell. */
function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [heading, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = heading.map((_, column) => Math.max(3, ...escaped.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = [], ...rest] = escaped
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n')
}

const BEGIN = '<!-- reference: `pnpm --filter @x/demo reference` writes it from the table of commands -->'
const END = '<!-- end of reference -->'

/** A README with its reference as the table of commands has it now. */
export function withReference(readme: string, commands: readonly Command[]): string {
  const [before = '', rest = ''] = readme.split(BEGIN)
  const after = rest.slice(rest.indexOf(END) + END.length)
  return `${before}${BEGIN}\n\n${referenceMarkdown(commands)}\n\n${END}${after}`
}
