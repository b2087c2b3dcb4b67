import { round, svg, text } from './svg.ts'

/** How wide each panel is. */
export const PANEL_WIDTH = 470

const COLUMNS = 2
const MARGIN = 16

/** A drawing of `PANEL_WIDTH`, under a heading. */
export interface Panel {
  readonly heading: string
  /** What its numbers are. */
  readonly measure: string
  readonly height: number
  readonly content: string
}

/** Panels in two columns under a title; the note says when and where. */
export function panelGrid(title: string, panels: readonly Panel[], note: string): string {
  const parts = [text(title, { x: MARGIN, y: 28, kind: 'title' })]
  let y = 44
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS)
    parts.push(...row.map((panel, column) => placed(panel, MARGIN + column * PANEL_WIDTH, y)))
    y += HEAD + Math.max(...row.map(({ height }) => height)) + MARGIN
  }
  parts.push(text(note, { x: MARGIN, y: y + 8, kind: 'note' }))
  const columns = Math.min(COLUMNS, panels.length)
  return svg(title, { width: columns * PANEL_WIDTH + 2 * MARGIN, height: y + 22 }, parts.join('\n'))
}

const HEAD = 40

function placed({ heading, measure, content }: Panel, x: number, y: number): string {
  return [
    `<g transform="translate(${round(x)} ${round(y)})">`,
    text(heading, { x: 0, y: 16, kind: 'heading' }),
    text(measure, { x: 0, y: 31, kind: 'note' }),
    `<g transform="translate(0 ${HEAD})">`,
    content,
    '</g></g>',
  ].join('\n')
}
