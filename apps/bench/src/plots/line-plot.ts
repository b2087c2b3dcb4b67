import { type Contestant } from '../benchmark.ts'
import { readable, round, svg, text } from './svg.ts'

/** One contestant over several sizes. */
export interface Line {
  readonly name: string
  readonly role: Contestant['role']
  readonly points: readonly { readonly size: number; readonly value: number }[]
}

/** What the axes say. */
export interface Axes {
  readonly size: string
  readonly value: string
}

const WIDTH = 760
const HEIGHT = 380
const LEFT = 70
const RIGHT = 190
const TOP = 64
const BOTTOM = 66

/** Lines over sizes, both axes logarithmic: what grows with the size is a straight line. */
export function linePlot(title: string, { lines, axes }: { lines: readonly Line[]; axes: Axes }, note: string): string {
  const points = lines.flatMap((line) => line.points)
  const x = logScale(
    points.map(({ size }) => size),
    [LEFT, WIDTH - RIGHT],
  )
  const y = logScale(
    points.map(({ value }) => value),
    [HEIGHT - BOTTOM, TOP],
  )
  const parts = [
    text(title, { x: 10, y: 24, kind: 'title' }),
    text(axes.value, { x: 10, y: 48, kind: 'note' }),
    text(axes.size, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 28, anchor: 'middle', kind: 'note' }),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}"/>${text(readable(tick), { x: LEFT - 8, y: y.at(tick) + 4, anchor: 'end', kind: 'note' })}`,
    ),
    ...[...new Set(points.map(({ size }) => size))].map((size) =>
      text(readable(size), { x: x.at(size), y: HEIGHT - BOTTOM + 20, anchor: 'middle', kind: 'note' }),
    ),
    ...lines.map((line) => drawLine(line, x.at, y.at)),
    ...labels(lines, y.at),
    text(note, { x: 10, y: HEIGHT - 8, kind: 'note' }),
  ]
  return svg(title, { width: WIDTH, height: HEIGHT }, parts.join('\n'))
}

function drawLine({ role, points }: Line, x: (size: number) => number, y: (value: number) => number): string {
  const places = points.map(({ size, value }) => [round(x(size)), round(y(value))] as const)
  const dots = places.map(([cx, cy]) => `<circle class="${role}" cx="${cx}" cy="${cy}" r="3.5"/>`)
  return `<polyline class="line ${role}" points="${places.map((place) => place.join(',')).join(' ')}"/>${dots.join('')}`
}

/** At the end of each line, pushed apart where two ends meet. */
function labels(lines: readonly Line[], y: (value: number) => number): string[] {
  const ends = lines
    .map(({ name, points }) => ({ name, at: y(points.at(-1)?.value ?? 1) }))
    .sort((one, other) => one.at - other.at)
  let lowest = -Infinity
  return ends.map(({ name, at }) => {
    lowest = Math.max(at, lowest + 16)
    return text(name, { x: WIDTH - RIGHT + 10, y: lowest + 4 })
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
