const UNITS = ['KB', 'MB', 'GB', 'TB']

/** A size for people, in steps of 1,024: `512 B`, `1.5 KB`, `1.0 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  let amount = bytes / 1_024
  let unit = 0
  // What would be shown as 1024.0 is one of the next unit.
  while (amount >= 1_023.95 && unit < UNITS.length - 1) {
    amount /= 1_024
    unit += 1
  }
  return `${amount.toFixed(1)} ${UNITS[unit] ?? ''}`
}
