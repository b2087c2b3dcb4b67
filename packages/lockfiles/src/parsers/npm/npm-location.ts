const FOLDER = 'node_modules/'

/** The name that a location under `node_modules` gives; undefined for a folder of the project. */
export function nameOfLocation(location: string): string | undefined {
  const start = location.lastIndexOf(`/${FOLDER}`)
  if (start !== -1) return location.slice(start + 1 + FOLDER.length)
  return location.startsWith(FOLDER) ? location.slice(FOLDER.length) : undefined
}
