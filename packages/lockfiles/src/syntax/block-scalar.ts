import { failYaml } from './yaml-value.ts'

/** What stands behind `|` or `>`. */
export interface BlockScalarHeader {
  /** `|` keeps the line breaks, `>` folds them to spaces. */
  readonly style: '|' | '>'
  /** What happens to the line breaks at the end: `-` drops all, `+` keeps all, `` keeps one. */
  readonly chomp: '-' | '+' | ''
  /** The indentation of the content beyond its parent's; undefined when the first line decides. */
  readonly indent: number | undefined
}

/** Reads `|-`, `>2+` and so on, with a comment behind it or not. */
export function readBlockScalarHeader(text: string, start: number, end: number): BlockScalarHeader {
  const match = /^([|>])([-+]?)([1-9]?)([-+]?)(?: *| +#.*)$/s.exec(text.slice(start, end))
  if (match === null || (match[2] !== '' && match[4] !== '')) {
    return failYaml(text, start, 'The block scalar is not understood.')
  }
  const chomp = [match[2], match[4]].find((sign) => sign === '-' || sign === '+') ?? ''
  return { style: match[1] === '|' ? '|' : '>', chomp, indent: match[3] === '' ? undefined : Number(match[3]) }
}

/** Makes the value of the lines, which come without their indentation. */
export function joinBlockScalar(lines: readonly string[], { style, chomp }: BlockScalarHeader): string {
  let value = ''
  let breaks = 0
  // Line breaks beside a line that is indented further are kept, also by `>`.
  let keepsBreak = true
  for (const line of lines) {
    if (line === '') {
      breaks++
      continue
    }
    const isIndented = /^[ \t]/.test(line)
    if (value === '') value = '\n'.repeat(breaks)
    else if (style === '|' || isIndented || keepsBreak) value += '\n'.repeat(breaks + 1)
    else value += '\n'.repeat(breaks) || ' '
    value += line
    breaks = 0
    keepsBreak = isIndented
  }
  const end = value === '' ? 0 : 1
  const kept = { '-': 0, '+': breaks + end, '': end }[chomp]
  return value + '\n'.repeat(kept)
}
