import { type Contestant } from '../benchmark.ts'
import { shortNumber } from '../short-number.ts'
import { type Panel, PANEL_WIDTH } from './panel-grid.ts'
import { round, text } from './svg.ts'

/** One bar. */
export interface Bar {
  readonly name: string
  readonly role: Contestant['role']
  readonly value: number
}

const LABELS = 226
const VALUES = 66
const BAR = 13
const ROW = 19

/** Horizontal bars, each as long as its value. */
export function barPanel(heading: string, measure: string, bars: readonly Bar[]): Panel {
  const most = Math.max(...bars.map(({ value }) => value))
  const content = bars.map(({ name, role, value }, index) => {
    const y = (index + 1) * ROW - 6
    const length = Math.max(1, ((PANEL_WIDTH - LABELS - VALUES) * value) / most)
    return [
      text(name, { x: LABELS - 8, y, anchor: 'end', kind: 'note' }),
      `<rect class="${role}" x="${LABELS}" y="${y - BAR + 3}" width="${round(length)}" height="${BAR}" rx="2"/>`,
      text(shortNumber(value), { x: LABELS + length + 6, y, kind: 'note' }),
    ].join('')
  })
  return { heading, measure, height: bars.length * ROW, content: content.join('\n') }
}
