/** The colours and letters of every plot; a viewer that prefers dark gets light letters on whatever it shows behind them. */
const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .note { fill: #59636e; font-size: 11px }
  .grid { stroke: #8b949e; stroke-opacity: 0.35 }
  .ours { fill: #0969da; stroke: #0969da }
  .peer { fill: #8b949e; stroke: #8b949e }
  .limit { fill: #d4a72c; stroke: #d4a72c }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #9198a1 } .ours { fill: #4493f8; stroke: #4493f8 } }
</style>`

/** A picture of this size that screen readers call by its title. */
export function svg(title: string, { width, height }: { width: number; height: number }, content: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    STYLE,
    content,
    '</svg>\n',
  ].join('\n')
}

/** One line of text. */
export function text(words: string, { x, y, anchor = 'start', kind = '' }: TextPlace): string {
  const kindOf = kind === '' ? '' : ` class="${kind}"`
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kindOf}>${escapeXml(words)}</text>`
}

/** Where a text is put, and how it looks. */
interface TextPlace {
  readonly x: number
  readonly y: number
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly kind?: string
}

/** A number as short as a picture needs it. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** A count as people read it: 950, 12.4 k, 3.10 M. */
export function readable(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
