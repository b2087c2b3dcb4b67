import { chunks, KEYS_PER_SCRIPT } from './key-chunks.ts'
import { redisScript, type RedisScript } from './redis-script.ts'
import type { KeySpace } from './key-space.ts'
import type { RedisLink } from './redis-link.ts'

/** Candidates that are fetched in one step. */
const SCAN_COUNT = 500

/** An entry that may carry a tag. */
export interface TagCandidate {
  /** Its key without the namespace. */
  readonly local: string
  /** What the index says of it. */
  readonly note: string
}

/** What is noted of entries. */
export interface TagNotes {
  /** Each once. */
  readonly tags: readonly string[]
  /** How long Redis keeps them, milliseconds; or Infinity. */
  readonly keptMs: number
  /** Of these notes alone. */
  readonly stamp: string
}

/**
 * Notes candidates with their deadline (milliseconds from now, or "" for none) and stamp; a later deadline stays, for an entry that lives
 * so long may still be there. Looks at as many others as it adds and drops those that have expired, so that the index does not
 * outgrow what it lists.
 */
const addScript: RedisScript<number> = redisScript(
  'xCacheTagAdd1',
  `local tag, ttl, stamp = KEYS[1], ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isNew = redis.call('EXISTS', tag) == 0
local deadline = ttl == '' and 'never' or string.format('%.0f', now + ttl)
for position = 3, #ARGV do
  local noted = string.match(redis.call('HGET', tag, ARGV[position]) or '', '^(%w+):')
  local isLater = noted == 'never' or (deadline ~= 'never' and (tonumber(noted) or 0) > tonumber(deadline))
  redis.call('HSET', tag, ARGV[position], (isLater and noted or deadline) .. ':' .. stamp)
end
local some = redis.call('HRANDFIELD', tag, #ARGV - 1, 'WITHVALUES')
for position = 1, #some, 2 do
  local due = tonumber(string.match(some[position + 1], '^(%d+):'))
  if due and due < now then redis.call('HDEL', tag, some[position]) end
end
if ttl == '' then redis.call('PERSIST', tag)
elseif isNew then redis.call('PEXPIRE', tag, ttl)
else
  local left = redis.call('PTTL', tag)
  if left >= 0 and left < tonumber(ttl) then redis.call('PEXPIRE', tag, ttl) end
end
return 1`,
)

/** Drops candidates (pairs of key and note) about which nothing newer has been noted. */
const dropScript: RedisScript<number> = redisScript(
  'xCacheTagDrop1',
  `for position = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[position]) == ARGV[position + 1] then redis.call('HDEL', KEYS[1], ARGV[position]) end
end
return 1`,
)

/**
 * Which entries may carry a tag: a hash for each tag, on whatever node it lies. It lists at least the live entries that carry
 * it; the entry itself has the last word. For that, a writer notes an entry after it has stored it, and before it prolongs
 * it, and whoever removes drops only notes that have not been written anew since.
 */
export class TagIndex {
  readonly #link: RedisLink
  readonly #keys: KeySpace

  constructor(link: RedisLink, keys: KeySpace) {
    this.#link = link
    this.#keys = keys
  }

  /** Sends the notes of entries that share their tags: to be called within `RedisLink.run`. */
  async sendNotes(redisKeys: readonly string[], { tags, keptMs, stamp }: TagNotes): Promise<void> {
    const locals = redisKeys.map((key) => this.#keys.toLocal(key))
    const ttl = keptMs === Infinity ? '' : keptMs
    const parts = chunks(locals, KEYS_PER_SCRIPT)
    await Promise.all(
      tags.flatMap((tag) =>
        parts.map((part) => addScript(this.#link.client, [this.#keys.tag(tag)], [ttl, stamp, ...part])),
      ),
    )
  }

  /** Everything that may carry a tag, some at a time. */
  async *candidates(tag: string): AsyncGenerator<TagCandidate[]> {
    const key = this.#keys.tag(tag)
    let cursor = '0'
    do {
      const [next, fields] = await this.#link.run(() => this.#link.client.hscan(key, cursor, 'COUNT', SCAN_COUNT))
      const found: TagCandidate[] = []
      for (let index = 0; index < fields.length; index += 2) {
        found.push({ local: fields[index] ?? '', note: fields[index + 1] ?? '' })
      }
      if (found.length > 0) yield found
      cursor = next
    } while (cursor !== '0')
  }

  /** Forgets candidates that have been dealt with. */
  async drop(tag: string, candidates: readonly TagCandidate[]): Promise<void> {
    if (candidates.length === 0) return
    const pairs = candidates.flatMap(({ local, note }) => [local, note])
    await this.#link.run(() => dropScript(this.#link.client, [this.#keys.tag(tag)], pairs))
  }
}
