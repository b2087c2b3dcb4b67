import { LockfileFault, placeOf } from '../lockfile-fault.ts'

/** A value as it is written: every scalar is a string (`1.10` stays `1.10`, `true` is `true`, nothing is ''). */
export type YamlValue = string | YamlMap | readonly YamlValue[]

/** A mapping, in the order of the text. */
export type YamlMap = ReadonlyMap<string, YamlEntry>

/** The value of a key, and the key's line counted from 1. */
export interface YamlEntry {
  /** What stands behind the key. */
  readonly value: YamlValue
  /** Where the key stands. */
  readonly line: number
}

/** Whether a value, or the value of an absent key, is a mapping. */
export function isYamlMap(value: YamlValue | undefined): value is YamlMap {
  return value instanceof Map
}

/** The text of a key; undefined when the key is absent or holds no scalar. */
export function yamlText(map: YamlMap, key: string): string | undefined {
  const value = map.get(key)?.value
  return typeof value === 'string' ? value : undefined
}

/** The mapping of a key; an empty one when the key is absent, empty, or holds no mapping. */
export function yamlMap(map: YamlMap, key: string): YamlMap {
  const value = map.get(key)?.value
  return isYamlMap(value) ? value : new Map()
}

/**
 * Gives up on a text at an offset.
 *
 * @throws LockfileFault `MALFORMED`, always.
 */
export function failYaml(text: string, offset: number, reason: string): never {
  throw new LockfileFault('MALFORMED', reason, placeOf(text, offset))
}
