import { type Glob } from '@x/core'

import { fromKeyText, toKeyText } from './key-text.ts'

/** No category is written like these: `%` in one is escaped. */
const EPOCH = '%epoch'
const TAG = '%tag'
const LEASE = '%lease'
const RESULTS = '%results'

/** An entry as its Redis key names it. */
export interface EntryName {
  /** Its category, as the caller gave it. */
  readonly category: string
  /** Its key, as the caller gave it. */
  readonly key: string
}

/**
 * The Redis keys of one namespace. An entry is `{namespace}:{category}:{key}`: the last two parts hold no `:`, so whatever
 * stands before them is the namespace, and `a` and `a:b` never meet.
 */
export class KeySpace {
  /** What all of them begin with, and perhaps others. */
  readonly prefix: string
  readonly #categories = new Map<string, string>()

  constructor(namespace: string) {
    this.prefix = `${namespace}:`
  }

  /** Where an entry lies. */
  entry(category: string, key: string): string {
    return this.categoryPrefix(category) + toKeyText(key)
  }

  /** Where entries of one category lie. */
  entries(category: string, keys: readonly string[]): string[] {
    const prefix = this.categoryPrefix(category)
    return keys.map((key) => prefix + toKeyText(key))
  }

  /** What the keys of all entries of a category begin with. */
  categoryPrefix(category: string): string {
    let prefix = this.#categories.get(category)
    if (prefix === undefined) {
      prefix = `${this.prefix}${toKeyText(category)}:`
      // Categories are few; names made up by the million are not kept.
      if (this.#categories.size < 1_000) this.#categories.set(category, prefix)
    }
    return prefix
  }

  /** The entry that a key of Redis is, or `undefined` for one of another namespace and for what is no entry. */
  parse(redisKey: string): EntryName | undefined {
    if (!redisKey.startsWith(this.prefix)) return undefined
    return this.parseLocal(redisKey.slice(this.prefix.length))
  }

  /** `parse` without the namespace: of what `toLocal` made. */
  parseLocal(local: string): EntryName | undefined {
    const [category, key, more] = local.split(':', 3)
    if (category === undefined || key === undefined || more !== undefined || isReserved(category)) return undefined
    return { category: fromKeyText(category), key: fromKeyText(key) }
  }

  /** An entry's key without the namespace. */
  toLocal(redisKey: string): string {
    return redisKey.slice(this.prefix.length)
  }

  /** The reverse of `toLocal`. */
  fromLocal(local: string): string {
    return this.prefix + local
  }

  /** The tag whose index a key of Redis is. */
  parseTag(redisKey: string): string | undefined {
    const [reserved, tag, more] = redisKey.startsWith(this.prefix) ? this.toLocal(redisKey).split(':', 3) : []
    return reserved === TAG && tag !== undefined && more === undefined ? fromKeyText(tag) : undefined
  }

  /** Where it is written when a whole category, or with none all of them, was last touched. */
  epoch(category?: string): string {
    return category === undefined ? `${this.prefix}${EPOCH}:` : `${this.prefix}${EPOCH}:c${toKeyText(category)}`
  }

  /** Where the entries are listed that may carry a tag. */
  tag(tag: string): string {
    return `${this.prefix}${TAG}:${toKeyText(tag)}`
  }

  /** Where it is written who holds a key. */
  lease(key: string): string {
    return `${this.prefix}${LEASE}:${toKeyText(key)}`
  }

  /** The namespace of what loads on several machines hand to each other: no entry of this one. */
  get results(): string {
    return `${this.prefix}${RESULTS}`
  }

  /** What SCAN looks for: at least every entry whose category and key the arguments admit. */
  scanPattern(category?: string, glob?: Glob): string {
    const literal = glob === undefined ? '' : scannable(glob.literalPrefix)
    const within =
      category === undefined ? escapeRedisGlob(this.prefix) + '*:' : escapeRedisGlob(this.categoryPrefix(category))
    return `${within}${literal}*`
  }

  /** What SCAN looks for: everything of this namespace, and perhaps more. */
  scanAll(): string {
    return `${escapeRedisGlob(this.prefix)}*`
  }
}

function isReserved(category: string): boolean {
  return category === EPOCH || category === TAG || category === LEASE
}

/** A trailing high surrogate may go on as a pair in a key, where it is not escaped. */
function scannable(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1)
  return escapeRedisGlob(toKeyText(last >= 0xd800 && last <= 0xdbff ? prefix.slice(0, -1) : prefix))
}

function escapeRedisGlob(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, '\\$&')
}
