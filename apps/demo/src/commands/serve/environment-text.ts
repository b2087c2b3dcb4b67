export interface ServeOptions {
  readonly port: number
  readonly json: boolean
}

/** What sets the environment of another terminal, or tells a program what to set. */
export function environmentText(variables: Readonly<Record<string, string>>, json: boolean): string {
  if (json) return `${JSON.stringify(variables)}\n`
  const pairs = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return `export ${pairs.join(' ')}\n`
}
