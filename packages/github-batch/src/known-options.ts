/** @throws TypeError naming an option that is not among the keys of `known`: misspelt, it would be ignored. */
export function assertKnownOptions<Options extends object>(
  options: Options,
  known: Readonly<Record<keyof Options, unknown>>,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new TypeError(`Unknown option: ${unknown}. There are ${Object.keys(known).join(', ')}.`)
  }
}
