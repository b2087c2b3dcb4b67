import { type Contestant } from '../benchmark.ts'
import { shortNumber } from '../short-number.ts'
import { type Panel, PANEL_WIDTH } from './panel-grid.ts'
import { round, text } from './svg.ts'

/** One contestant over several sizes. */
export interface Line {
  readonly name: string
  readonly role: Contestant['role']
  readonly points: readonly { readonly size: number; readonly value: number }[]
}

const HEIGHT = 210
const LEFT = 46
const RIGHT = 206
const TOP = 8
const BOTTOM = 24
const LINE_HEIGHT = 13

/** Lines over sizes, both axes logarithmic: what grows with the size is a straight line. */
export function linePanel(heading: string, measure: string, lines: readonly Line[]): Panel {
  const points = lines.flatMap((line) => line.points)
  const x = logScale(
    points.map(({ size }) => size),
    [LEFT, PANEL_WIDTH - RIGHT],
  )
  const y = logScale(
    points.map(({ value }) => value),
    [HEIGHT - BOTTOM, TOP],
  )
  const parts = [
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${PANEL_WIDTH - RIGHT}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}"/>${text(shortNumber(tick), { x: LEFT - 6, y: y.at(tick) + 4, anchor: 'end', kind: 'note' })}`,
    ),
    ...[...new Set(points.map(({ size }) => size))].map((size) =>
      text(shortNumber(size), { x: x.at(size), y: HEIGHT - BOTTOM + 16, anchor: 'middle', kind: 'note' }),
    ),
    ...lines.map((line) => drawLine(line, x.at, y.at)),
    ...labels(lines, y.at),
  ]
  return { heading, measure, height: HEIGHT, content: parts.join('\n') }
}

function drawLine({ role, points }: Line, x: (size: number) => number, y: (value: number) => number): string {
  const places = points.map(({ size, value }) => [round(x(size)), round(y(value))] as const)
  const dots = places.map(([cx, cy]) => `<circle class="${role}" cx="${cx}" cy="${cy}" r="3"/>`)
  return `<polyline class="${role} line" points="${places.map((place) => place.join(',')).join(' ')}"/>${dots.join('')}`
}

/** At the end of each line, pushed apart where two ends meet, and kept within the panel. */
function labels(lines: readonly Line[], y: (value: number) => number): string[] {
  const ends = lines
    .map(({ name, points }) => ({ name, at: y(points.at(-1)?.value ?? 1) }))
    .sort((one, other) => one.at - other.at)
  let lowest = -Infinity
  return ends.map(({ name, at }, index) => {
    const room = HEIGHT - BOTTOM - (ends.length - 1 - index) * LINE_HEIGHT
    lowest = Math.max(Math.min(at, room), lowest + LINE_HEIGHT)
    return text(name, { x: PANEL_WIDTH - RIGHT + 10, y: lowest + 4, kind: 'note' })
  })
}

/** A logarithmic scale over whole decades, and where they begin. */
function logScale(
  values: readonly number[],
  [from, to]: readonly [number, number],
): { at: (value: number) => number; ticks: number[] } {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    at: (value) => from + ((to - from) * (Math.log10(value) - first)) / (last - first),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
  }
}
