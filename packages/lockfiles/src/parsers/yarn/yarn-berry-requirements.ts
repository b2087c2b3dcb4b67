import { splitDescriptor } from '../../identity/package-name.ts'
import { isYamlMap, type YamlMap, yamlMap, type YamlValue } from '../../syntax/yaml-value.ts'
import { spellingsOf } from './yarn-berry-descriptor.ts'

/** Tells which entries of a lockfile are asked for. */
export interface YarnBerryRequirements {
  /** The words that one of the askers asks for others by. */
  readonly askedBy: (asker: YamlValue) => string[]
  /** The words that the entry of this key is asked for by. */
  readonly answeredBy: (key: string) => string[]
}

/** What each descriptor of a key may be asked for by. */
type Key = readonly (readonly string[])[]

/**
 * Finds who asks for whom in the words that are used for it. Resolutions and catalogs put other words into the keys than who asks: where no
 * key has those, the name alone is asked for. Then the entries answer that nobody asks for in the words of their keys, or all of the name
 * where there are none.
 *
 * @param lockfile - all entries.
 * @param askers - the entries that others are to be found for.
 */
export function readYarnBerryRequirements(lockfile: YamlMap, askers: Iterable<YamlValue>): YarnBerryRequirements {
  const keys = new Map(Array.from(lockfile.keys(), (key) => [key, key.split(', ').map(spellingsOf)] as const))
  const known = new Set<string>()
  for (const key of keys.values()) for (const spellings of key) for (const one of spellings) known.add(one)
  const isKnown = (words: readonly string[]): boolean => words.some((one) => known.has(one))

  const names = new Set<string>()
  for (const asker of askers) {
    for (const { name, words } of wordsIn(asker, 'dependencies')) if (!isKnown(words)) names.add(name)
  }
  const answers = answersByName(lockfile, keys, names)
  return {
    askedBy: (asker) => wordsIn(asker, 'dependencies').flatMap(({ name, words }) => (isKnown(words) ? words : [name])),
    answeredBy: (key) =>
      (keys.get(key) ?? []).flatMap((spellings) => {
        const name = answers.get(spellings)
        return name === undefined ? spellings : [...spellings, name]
      }),
  }
}

/** The descriptors that answer for names which are asked for without the words of any key. */
function answersByName(
  lockfile: YamlMap,
  keys: ReadonlyMap<string, Key>,
  names: ReadonlySet<string>,
): Map<readonly string[], string> {
  const answers = new Map<readonly string[], string>()
  if (names.size === 0) return answers
  const asked = new Set<string>()
  for (const { value } of lockfile.values()) {
    for (const { words } of wordsIn(value, 'dependencies')) for (const one of words) asked.add(one)
  }
  const named = Map.groupBy([...keys.values()].flat(), ([descriptor = '']) => splitDescriptor(descriptor)?.name)
  for (const name of names) {
    const all = named.get(name) ?? []
    const unasked = all.filter((spellings) => !spellings.some((one) => asked.has(one)))
    for (const spellings of unasked.length > 0 ? unasked : all) answers.set(spellings, name)
  }
  return answers
}

/** What a section of an entry asks for, with and without the `npm:` that newer files write. */
export function wordsIn(
  entry: YamlValue,
  section: 'dependencies' | 'peerDependencies',
): { readonly name: string; readonly words: string[] }[] {
  if (!isYamlMap(entry)) return []
  return Array.from(yamlMap(entry, section), ([name, { value: range }]) => ({
    name,
    words: typeof range === 'string' ? [`${name}@${range}`, `${name}@npm:${range}`] : [],
  }))
}
