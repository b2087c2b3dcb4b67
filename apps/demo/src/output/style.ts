import { styleText } from 'node:util'

import { environmentVariable } from '../cli/environment-variable.ts'

type Paint = (text: string) => string

/** How words stand out; where colours are not wanted, they stay as they are. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
}

export const PLAIN_STYLE: Style = styleFor(false)

export function styleFor(colours: boolean): Style {
  const paint =
    (format: keyof Style): Paint =>
    (text) =>
      colours ? styleText(format, text, { validateStream: false }) : text
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
  }
}

/**
 * Whether to colour what goes to a stream. The option first, then FORCE_COLOR (0 or false: none), then NO_COLOR
 * (no-color.org), then whether it is a terminal that can.
 */
export function wantsColours(stream: { readonly isTTY?: boolean }, when: 'auto' | 'always' | 'never'): boolean {
  if (when !== 'auto') return when === 'always'
  const forced = process.env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if (environmentVariable('NO_COLOR') !== undefined) return false
  return stream.isTTY === true && process.env['TERM'] !== 'dumb'
}
