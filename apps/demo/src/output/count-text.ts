/** A number with its noun: `1 repository`, `2,000 repositories`. */
export function countText(number: number, one: string, many = `${one}s`): string {
  return `${numberText(number)} ${number === 1 ? one : many}`
}

export function numberText(number: number): string {
  return number.toLocaleString('en-US')
}

export function sizeText(bytes: number): string {
  const units = ['KB', 'MB', 'GB', 'TB']
  if (bytes < 1_024) return `${bytes} B`
  const power = Math.min(units.length, Math.floor(Math.log(bytes) / Math.log(1_024)))
  return `${(bytes / 1_024 ** power).toFixed(1)} ${units[power - 1] ?? ''}`
}
