import { type Contestant } from '../benchmark.ts'
import { readable, round, svg, text } from './svg.ts'

/** One bar. */
export interface Bar {
  readonly name: string
  readonly role: Contestant['role']
  readonly value: number
}

/** Bars under one heading, on a scale of their own. */
export interface BarGroup {
  readonly heading: string
  readonly bars: readonly Bar[]
}

const WIDTH = 760
const LABELS = 250
const VALUES = 80
const BAR = 18
const ROW = 26

/** Groups of horizontal bars, each as long as its value; the note says what, when and where. */
export function barPlot(title: string, groups: readonly BarGroup[], note: string): string {
  const parts = [text(title, { x: 10, y: 24, kind: 'title' })]
  let y = 36
  for (const { heading, bars } of groups) {
    y += 24
    parts.push(text(heading, { x: 10, y }))
    const most = Math.max(...bars.map(({ value }) => value))
    for (const { name, role, value } of bars) {
      y += ROW
      const length = Math.max(1, ((WIDTH - LABELS - VALUES) * value) / most)
      parts.push(
        text(name, { x: LABELS - 8, y, anchor: 'end' }),
        `<rect class="${role}" x="${LABELS}" y="${y - BAR + 4}" width="${round(length)}" height="${BAR}" rx="2"/>`,
        text(readable(value), { x: LABELS + length + 8, y }),
      )
    }
    y += 8
  }
  parts.push(text(note, { x: 10, y: y + 24, kind: 'note' }))
  return svg(title, { width: WIDTH, height: y + 36 }, parts.join('\n'))
}
