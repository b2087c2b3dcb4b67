import { type JsonCursor } from '../../syntax/json-cursor.ts'
import { type LockfileProblem } from '../../parsed-lockfile.ts'
import { repeatedKey } from '../../syntax/repeated-key.ts'

/** An npm lockfile that is being read. */
export interface NpmReading {
  /** Where it is being read. */
  readonly cursor: JsonCursor
  /** Told of keys that stand twice. */
  readonly problems: LockfileProblem[]
  /** Whose requirements are wanted: those of every entry of `packages`, or of the project's folders alone. */
  readonly requirementsOf: 'all' | 'folders'
}

/** Reads what stands under `key`; `previous` is what stood there before, if anything did. */
export function readScalarOnce(reading: NpmReading, key: string, previous: unknown): unknown {
  noteRepeated(reading, key, previous)
  return reading.cursor.readScalar()
}

/** Reads the keys of the object that stands under `key`, none where something else does; `previous` as above. */
export function readKeysOnce(reading: NpmReading, key: string, previous: unknown): string[] {
  noteRepeated(reading, key, previous)
  const { cursor } = reading
  const keys: string[] = []
  if (!cursor.enterObject()) {
    cursor.skipValue()
    return keys
  }
  for (let found = cursor.nextKey(); found !== undefined; found = cursor.nextKey()) {
    keys.push(found)
    cursor.skipValue()
  }
  return keys
}

/** Has a problem with the key that was gone to last, where `previous` stood under it before. */
export function noteRepeated({ cursor, problems }: NpmReading, key: string, previous: unknown): void {
  if (previous !== undefined) problems.push(repeatedKey(key, cursor.line))
}
