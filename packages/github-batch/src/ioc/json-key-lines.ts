/** Where the keys of a JSON text stand. */
export interface JsonKeyLines {
  /** The line of a key, counted from 1, by the keys that lead to it. */
  lineOf(...path: readonly string[]): number
  /** The first key that stands twice in one object: `JSON.parse` keeps only the later one. */
  readonly duplicate?: { readonly key: string; readonly line: number } | undefined
}

interface Level {
  readonly isObject: boolean
  expectsKey: boolean
  key: string
}

/** A list has keys on two levels: ecosystems and names. To write out the path of every deeper one could take for ever. */
const DEEPEST = 2

/** Reads where the keys of the two uppermost levels stand, in a text that is known to be JSON. */
export function readJsonKeyLines(text: string): JsonKeyLines {
  const lines = new Map<string, number>()
  const levels: Level[] = []
  let duplicate: JsonKeyLines['duplicate']
  let line = 1
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],\n]/g)) {
    if (token === '\n') line += 1
    else if (token.startsWith('"')) {
      const key = takeKey(levels.at(-1), token)
      if (levels.length > DEEPEST) continue
      const path = JSON.stringify(levels.map((level) => level.key))
      if (key !== undefined && lines.has(path)) duplicate ??= { key, line }
      else if (key !== undefined) lines.set(path, line)
    } else changeLevel(levels, token)
  }
  return { lineOf: (...path) => lines.get(JSON.stringify(path)) ?? 1, duplicate }
}

/** A string is a key where its object expects one, and a value everywhere else. */
function takeKey(level: Level | undefined, token: string): string | undefined {
  if (level?.expectsKey !== true) return undefined
  level.key = JSON.parse(token) as string
  level.expectsKey = false
  return level.key
}

function changeLevel(levels: Level[], token: string): void {
  const level = levels.at(-1)
  if (token === '{' || token === '[') levels.push({ isObject: token === '{', expectsKey: token === '{', key: '' })
  else if (token !== ',') levels.pop()
  else if (level !== undefined) level.expectsKey = level.isObject
}
