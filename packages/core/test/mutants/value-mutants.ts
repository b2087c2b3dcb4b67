import {
  CacheError,
  type Codec,
  jsonCodec,
  type ScopeOptions,
  type SetOptions,
  type StoreOptions,
} from '../../src/index.ts'
import { ReferenceCache } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

const SharesDecoded = withCodec((codec) => {
  const decoded = new Map<string, unknown>()
  return {
    encode: (value) => codec.encode(value),
    decode(text) {
      if (!decoded.has(text)) decoded.set(text, codec.decode(text))
      return decoded.get(text)
    },
  }
})

const SharesFrozen = withCodec((codec) => {
  const decoded = new Map<string, unknown>()
  return {
    encode: (value) => codec.encode(value),
    decode(text) {
      if (!decoded.has(text)) decoded.set(text, Object.freeze(codec.decode(text)))
      return decoded.get(text)
    },
  }
})

const KeepsReferences = withCodec(() => {
  const values: unknown[] = []
  return { encode: (value) => String(values.push(value) - 1), decode: (text) => values[Number(text)] }
})

const RemovesFirst = class extends ReferenceCache {
  override setMany(given: Entries, options?: SetOptions): number {
    const entries = [...given]
    this.deleteMany(
      entries.map(([key]) => key),
      options,
    )
    return super.setMany(entries, options)
  }
}

export const valueMutants: readonly Mutant[] = [
  ...breaking('get() of a key that was never set is undefined', {
    'a miss is null': class extends ReferenceCache {
      override get<T>(key: string, options?: ScopeOptions): T | undefined {
        return super.get<T>(key, options) ?? (null as T)
      }
    },
  }),
  ...breaking('null, false, 0 and "" are values, not misses', {
    'null is a miss': class extends ReferenceCache {
      override get<T>(key: string, options?: ScopeOptions): T | undefined {
        return super.get<T>(key, options) ?? undefined
      }
    },
    'getMany() leaves out falsy values': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        const found = [...super.getMany<T>(keys, options)]
        return new Map(keys.length === 1 ? found : found.filter(([, value]) => Boolean(value)))
      }
    },
  }),
  ...breaking('set() replaces the value', {
    'the first value stays': class extends ReferenceCache {
      override set(key: string, value: unknown, options?: SetOptions): boolean {
        return this.has(key, options) || super.set(key, value, options)
      }
    },
  }),
  ...breaking('set() of undefined is a TypeError and changes nothing', {
    'undefined removes': class extends ReferenceCache {
      override set(key: string, value: unknown, options?: SetOptions): boolean {
        return value === undefined ? this.delete(key, options) : super.set(key, value, options)
      }
    },
    'the earlier value goes first': RemovesFirst,
  }),
  ...breaking('values come back as they were given', {
    'lone surrogates are replaced': withCodec((codec) => ({
      encode: (value) => codec.encode(typeof value === 'string' ? value.toWellFormed() : value),
      decode: (text) => codec.decode(text),
    })),
    'digits become numbers': withCodec((codec) => ({
      encode: (value) => codec.encode(value),
      decode: (text) => codec.decode(text.replace(/^"(\d+)"$/, '$1')),
    })),
    '__proto__ is dropped': withCodec((codec) => ({
      encode: (value) => codec.encode(value),
      decode: (text) =>
        JSON.parse(text, (name, value: unknown) => (name === '__proto__' ? undefined : value)) as unknown,
    })),
  }),
  ...breaking('a property that is undefined is absent afterwards', {
    'it becomes null': withCodec((codec) => ({
      encode: (value) => JSON.stringify(value, (_, item: unknown) => (item === undefined ? null : item)),
      decode: (text) => codec.decode(text),
    })),
  }),
  ...breaking('a value that JSON would alter is NOT_SERIALIZABLE, and the earlier value stays', {
    'it is converted': withCodec(() => jsonCodec({ lenient: true })),
    'the earlier value goes first': RemovesFirst,
  }),
  ...breaking('NOT_SERIALIZABLE names the path', {
    'it names nothing': withCodec((codec) => ({
      encode(value) {
        try {
          return codec.encode(value)
        } catch {
          throw new CacheError('NOT_SERIALIZABLE')
        }
      },
      decode: (text) => codec.decode(text),
    })),
  }),
  ...breaking('an error of the codec itself goes through as the same object, and nothing is stored', {
    'it is wrapped': withCodec((codec) => ({
      encode(value) {
        try {
          return codec.encode(value)
        } catch (cause) {
          throw new CacheError('NOT_SERIALIZABLE', { cause })
        }
      },
      decode: (text) => codec.decode(text),
    })),
    'the earlier value goes first': RemovesFirst,
  }),
  ...breaking('changing a value after it was given changes nothing stored', { 'it is kept itself': KeepsReferences }),
  ...breaking('changing a value that get() gave changes nothing stored', { 'everybody gets the same': SharesDecoded }),
  ...breaking('changing what getMany() gave changes nothing stored', { 'everybody gets the same': SharesDecoded }),
  ...breaking('richCodec() keeps what JSON cannot, also from one who changes it', {
    'the codec is ignored': withCodec(() => jsonCodec({ lenient: true })),
    'everybody gets the same': SharesDecoded,
    'everybody gets the same, frozen as far as Object.freeze goes': SharesFrozen,
  }),
]

function withCodec(change: (codec: Codec) => Codec): ReferenceCacheClass {
  return class extends ReferenceCache {
    constructor(options: StoreOptions) {
      super({ ...options, codec: change(options.codec ?? jsonCodec()) })
    }
  }
}
