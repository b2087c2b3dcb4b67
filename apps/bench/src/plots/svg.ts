/** The colours and letters of every plot. It brings its own background, so that it can be read on any page, light or dark. */
const STYLE = `<style>
  text { font: 12px 'DejaVu Sans', Verdana, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .heading { font-weight: 600 }
  .note { fill: #59636e; font-size: 10.5px }
  .page { fill: #ffffff; stroke: #d1d9e0 }
  .grid { stroke: #8b949e; stroke-opacity: 0.35 }
  .ours { fill: #0969da; stroke: #0969da }
  .peer { fill: #8b949e; stroke: #8b949e }
  .limit { fill: #bf8700; stroke: #bf8700 }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .page { fill: #0d1117; stroke: #3d444d }
    .ours { fill: #4493f8; stroke: #4493f8 }
    .limit { fill: #d4a72c; stroke: #d4a72c }
    .line { fill: none }
  }
</style>`

/** A picture of this size that screen readers call by its title. */
export function svg(title: string, { width, height }: { width: number; height: number }, content: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    STYLE,
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
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
  readonly kind?: '' | 'title' | 'heading' | 'note'
}

/** A number as short as a picture needs it. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
