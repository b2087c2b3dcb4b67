import { type Scale } from './benchmark.ts'

/** Three sizes a decade apart, up to the largest; for a quick run the middle one alone. */
export function decadesTo(largest: number, scale: Scale): number[] {
  return scale === 'full' ? [largest / 100, largest / 10, largest] : [largest / 10]
}

/** As people write it: 20,000. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}
