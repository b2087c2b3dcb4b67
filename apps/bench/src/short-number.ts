/** A number in the digits that a figure is good for: 0.85, 7, 12.5, 950, 4003, 12.4 k, 3.1 M. */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`
  if (value >= 100) return value.toFixed(0)
  return String(Number(value.toFixed(value >= 10 ? 1 : 2)))
}
