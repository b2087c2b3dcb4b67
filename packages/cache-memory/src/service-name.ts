/** The service of a key: what comes before its first `-` or `:`; the whole key where there is neither. */
export function serviceOf(key: string): string {
  const end = key.search(/[-:]/)
  return end === -1 ? key : key.slice(0, end)
}
