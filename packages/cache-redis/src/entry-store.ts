import {
  expireScript,
  incrementScript,
  measureScript,
  readLiveScript,
  removeScript,
  storeIfScript,
  ttlScript,
} from './entry-scripts.ts'
import {
  entryHead,
  type EntryMarks,
  type EntryText,
  hasGrace,
  parseEntry,
  parseMarks,
  PLACEHOLDER,
  type StampMaker,
} from './entry-text.ts'
import { EPOCH_CHECK_COMMANDS, type EpochParts, type Epochs } from './epochs.ts'
import { chunks, KEYS_PER_SCRIPT } from './key-chunks.ts'
import { bySlot } from './key-slot.ts'
import type { LocalTier } from './local-tier.ts'
import { ReadCommand } from './read-command.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisLink } from './redis-link.ts'
import { SetCommand, type SetText } from './set-command.ts'
import type { TagIndex } from './tag-index.ts'

/** A text under a key that this package did not write. */
export const FOREIGN = 'foreign'

/** What a read found: an entry, `"foreign"`, or nothing. */
export type Found = EntryText | typeof FOREIGN | undefined

/** How entries are written. */
export interface Writing extends EntryMarks {
  /** Of all of them. */
  readonly category: string
  /** More than 0; Infinity: for ever. */
  readonly ttlMs: number
  /** What must not have changed. */
  readonly epoch: EpochParts | undefined
}

/** What an `EntryStore` works with. */
export interface EntryStoreParts {
  /** For headers. */
  readonly stamps: StampMaker
  /** Asked before a load is stored. */
  readonly epochs: Epochs
  /** Told what carries tags. */
  readonly tags: TagIndex
  /** Told what is written. */
  readonly local: LocalTier | undefined
}

/** The entries of a namespace by their Redis keys, in as few round trips as there can be. */
export class EntryStore {
  readonly #link: RedisLink
  readonly #stamps: StampMaker
  readonly #epochs: Epochs
  readonly #tags: TagIndex
  readonly #local: LocalTier | undefined
  /** Categories in which an entry with a grace was seen: whether it still lives is asked along with it. */
  readonly #graceful = new Set<string>()

  constructor(link: RedisLink, parts: EntryStoreParts) {
    this.#link = link
    this.#stamps = parts.stamps
    this.#epochs = parts.epochs
    this.#tags = parts.tags
    this.#local = parts.local
  }

  /** One entry: one round trip, but for the first one with a grace that is met in a category. */
  async read(redisKey: string, category: string, allowStale: boolean): Promise<Found> {
    if (!allowStale && this.#graceful.has(category)) return await this.#readLive(redisKey)
    const reply = await this.#link.run(() => this.#get(redisKey))
    const found = parseEntry(reply.pop() ?? null)
    if (allowStale || found === undefined || found === FOREIGN || found.graceMs === 0) return found
    this.#graceful.add(category)
    return await this.#readLive(redisKey)
  }

  /** What stands under each of the keys, but for entries that live no more: one round trip, and another where some have a grace. */
  async readMany(redisKeys: readonly string[]): Promise<readonly (Buffer | null)[]> {
    const replies = await this.#forEach(redisKeys, (keys) => this.#getAll(keys), redisKeys.length)
    const inDoubt = redisKeys.filter((_, index) => hasGrace(replies[index]))
    if (inDoubt.length === 0) return replies
    const live = await this.#forEach(inDoubt, (keys) => readLiveScript(this.#link.client, keys))
    const byKey = new Map(inDoubt.map((key, index) => [key, live[index]]))
    return redisKeys.map((key, index) => (hasGrace(replies[index]) ? byKey.get(key) : replies[index]) ?? null)
  }

  /** Stores one entry: 0 where the epoch has passed. Round trips as of `writeMany`. */
  write(redisKey: string, payload: string, writing: Writing): Promise<unknown> {
    const { tags, epoch } = writing
    if (this.#local !== undefined || tags.length > 0 || epoch !== undefined) {
      return this.writeMany(new Map([[redisKey, payload]]), writing)
    }
    // Nothing but the command, for it is what most writes are.
    const text = { head: headOf(this.#stamps.next(), writing), payload, keptMs: keptMsOf(writing) }
    return this.#link.run(() => this.#set(redisKey, text))
  }

  /** Stores entries, by Redis key: how many. One round trip, two with an epoch; with tags in a cluster three. */
  async writeMany(payloads: ReadonlyMap<string, string>, writing: Writing): Promise<number> {
    const redisKeys = [...payloads.keys()]
    return await this.#touching(redisKeys, () => this.#write(redisKeys, payloads, writing))
  }

  /** Removes what stands under the keys, with a tag only entries that carry it: which live ones went. */
  async remove(redisKeys: readonly string[], tag?: string): Promise<string[]> {
    const args = tag === undefined ? [] : [`:${tag}:`, this.#stamps.next()]
    const removed: string[] = []
    await this.#touching(redisKeys, () =>
      this.#forEach(redisKeys, async (keys) => {
        const positions = await removeScript(this.#link.client, keys, args)
        for (const position of positions) removed.push(keys[position - 1] ?? '')
        return keys
      }),
    )
    return removed
  }

  /** The size of each payload in bytes, or -1 where there is no live entry. */
  async measure(redisKeys: readonly string[]): Promise<readonly number[]> {
    return await this.#forEach(redisKeys, (keys) => measureScript(this.#link.client, keys))
  }

  /** Adds to a number: what it is now. */
  async increment(redisKey: string, amount: number, ttlMs: number): Promise<number> {
    const ttl = ttlMs === Infinity ? '' : Math.max(1, ttlMs)
    const args = [amount, this.#stamps.next(), ttl]
    const sum = await this.#touching([redisKey], () =>
      this.#link.run(() => incrementScript(this.#link.client, [redisKey], args)),
    )
    return Number(sum)
  }

  /** How long an entry lives; `undefined`: there is none. */
  async ttl(redisKey: string): Promise<number | undefined> {
    const ms = await this.#link.run(() => ttlScript(this.#link.client, [redisKey]))
    if (ms === -2) return undefined
    return ms === -1 ? Infinity : ms
  }

  /** Gives a live entry another deadline: whether there was one. One round trip, three for one with tags. */
  async expire(redisKey: string, ttlMs: number): Promise<boolean> {
    return await this.#touching([redisKey], () => this.#expire(redisKey, ttlMs, ''))
  }

  /** Its tags list it for as long as it may live before it lives so long: another may give it others meanwhile. */
  async #expire(redisKey: string, ttlMs: number, noted: string): Promise<boolean> {
    const { client } = this.#link
    const ttl = ttlMs === Infinity ? '' : ttlMs
    const answer = await this.#link.run(() => expireScript(client, [redisKey], [ttl, noted]))
    if (typeof answer === 'number') return answer === 1
    const { graceMs, tags } = parseMarks(answer)
    const notes = { tags, keptMs: ttlMs + graceMs, stamp: this.#stamps.next() }
    await this.#link.run(() => this.#tags.sendNotes([redisKey], notes), tags.length)
    return await this.#expire(redisKey, ttlMs, answer)
  }

  async #write(redisKeys: readonly string[], payloads: ReadonlyMap<string, string>, writing: Writing): Promise<number> {
    const { client } = this.#link
    const { category, tags, epoch } = writing
    const stamp = this.#stamps.next()
    const gone = writing.ttlMs <= 0
    const head = gone ? `${PLACEHOLDER}${stamp}:` : headOf(stamp, writing)
    const keptMs = gone ? 1 : keptMsOf(writing)
    const noted = gone ? [] : tags
    // A stamp of its own each time: what was noted anew is not dropped with what was noted before.
    const noteTags = (): Promise<void> =>
      this.#tags.sendNotes(redisKeys, { tags: noted, keptMs, stamp: this.#stamps.next() })
    if (epoch !== undefined) {
      // Noted before the marks are read: a removal by tag either finds the note or has changed a mark by then.
      const [isCurrent] = await this.#link.run(
        () => Promise.all([this.#epochs.sendCheck(category, epoch), noteTags()]),
        EPOCH_CHECK_COMMANDS + tags.length,
        redisKeys.length,
      )
      if (!isCurrent) return 0
    } else if (noted.length > 0 && this.#link.isCluster) {
      // As well as afterwards: should this process end in between, the entry is listed.
      await this.#link.run(noteTags, tags.length, redisKeys.length)
    }
    const send = (key: string, payload: string): Promise<unknown> => {
      const text = { head, payload: gone ? '' : payload, keptMs }
      if (epoch === undefined) return this.#set(key, text)
      return storeIfScript(client, [key], [epoch.header, head + text.payload, keptMs === Infinity ? '' : keptMs])
    }
    const sendAll = (): Promise<unknown[]> => Promise.all(Array.from(payloads, ([key, payload]) => send(key, payload)))
    if (noted.length === 0) return countStored(await this.#link.run(sendAll, payloads.size))
    return countStored(
      await this.#link.run(() => this.#sendTagged(redisKeys, sendAll, noteTags), payloads.size + tags.length),
    )
  }

  /** Entries, and then what is noted of them, see `TagIndex`: over one connection in this order, in a cluster after they have been stored. */
  async #sendTagged(
    redisKeys: readonly string[],
    sendAll: () => Promise<unknown[]>,
    noteTags: () => Promise<void>,
  ): Promise<unknown[]> {
    const sent = sendAll()
    if (this.#link.isCluster) await Promise.allSettled([sent])
    const [counts, notes] = await Promise.allSettled([sent, noteTags()])
    if (notes.status === 'rejected') await this.#withdraw(redisKeys, notes.reason)
    if (counts.status === 'rejected') throw counts.reason
    return counts.value
  }

  /** The reply in an array of one, to be taken out: see `ReadCommand`. */
  #get(redisKey: string): Promise<(Buffer | null)[]> {
    const { client } = this.#link
    if (holdsBack(client)) return client.getBuffer(redisKey).then((reply) => [reply])
    return client.sendCommand(new ReadCommand('get', [redisKey])) as Promise<(Buffer | null)[]>
  }

  #getAll(redisKeys: readonly string[]): Promise<(Buffer | null)[]> {
    const { client } = this.#link
    if (holdsBack(client)) return client.mgetBuffer([...redisKeys])
    const sent = client.sendCommand(new ReadCommand('mget', redisKeys)) as Promise<(Buffer | null)[][]>
    return sent.then((reply) => reply.pop() ?? [])
  }

  #set(redisKey: string, text: SetText): Promise<unknown> {
    const { client } = this.#link
    if (!holdsBack(client)) return client.sendCommand(new SetCommand(redisKey, text)) as Promise<unknown>
    const { head, payload, keptMs } = text
    return keptMs === Infinity
      ? client.set(redisKey, head + payload)
      : client.set(redisKey, head + payload, 'PX', keptMs)
  }

  /** Before it is sent, so that no earlier value is served; and when it has ended, for what was read in between. */
  async #touching<Result>(redisKeys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    if (this.#local === undefined) return await work()
    this.#local.dropAll(redisKeys)
    try {
      return await work()
    } finally {
      this.#local.dropAll(redisKeys)
    }
  }

  async #readLive(redisKey: string): Promise<Found> {
    const [reply = null] = await this.#link.run(() => readLiveScript(this.#link.client, [redisKey]))
    return parseEntry(reply)
  }

  /** Commands over keys that each of them can reach, all in one round trip; the answers in the order of the keys. */
  #forEach<Answer>(
    redisKeys: readonly string[],
    run: (keys: readonly string[]) => Promise<readonly Answer[]>,
    keysAtOnce = KEYS_PER_SCRIPT,
  ): Promise<readonly Answer[]> {
    const groups = this.#groups(redisKeys, keysAtOnce)
    const [only = []] = groups
    // Nothing but the command, for it is what most batches are.
    if (groups.length === 1) return this.#link.run(() => run(only), 1, redisKeys.length)
    return this.#forEachGroup(groups, redisKeys, run)
  }

  async #forEachGroup<Answer>(
    groups: readonly (readonly string[])[],
    redisKeys: readonly string[],
    run: (keys: readonly string[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const answers = await this.#link.run(() => Promise.all(groups.map(run)), groups.length, redisKeys.length)
    if (!this.#link.isCluster) return answers.flat()
    const byKey = new Map(groups.flatMap((keys, group) => keys.map((key, index) => [key, answers[group]?.[index]])))
    return redisKeys.map((key) => byKey.get(key) as Answer)
  }

  /** An entry that its tags would not find must not stay. */
  async #withdraw(redisKeys: readonly string[], error: unknown): Promise<never> {
    const groups = this.#groups(redisKeys, KEYS_PER_SCRIPT)
    await Promise.allSettled(groups.map((keys) => removeScript(this.#link.client, keys)))
    throw error
  }

  /** Keys that one command can name. */
  #groups(redisKeys: readonly string[], keysAtOnce: number): (readonly string[])[] {
    const reachable = this.#link.isCluster ? bySlot(redisKeys) : [redisKeys]
    return reachable.flatMap((keys) => chunks(keys, keysAtOnce))
  }
}

/** Whether a failure of `increment` is about what it was to count with. */
export function isNotInteger(error: unknown): boolean {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error && cause.message.includes('NOTINTEGER')
}

/** Whether what is made by its methods leaves later: then nothing may go ahead of it. */
function holdsBack(client: RedisClient): boolean {
  return client.options.enableAutoPipelining === true
}

function headOf(stamp: string, { ttlMs, graceMs, tags }: Writing): string {
  return entryHead(stamp, { graceMs: ttlMs === Infinity ? 0 : graceMs, tags })
}

function keptMsOf({ ttlMs, graceMs }: Writing): number {
  return ttlMs + graceMs
}

/** `storeIfScript` answers 0 where it did not store; SET stores or fails. */
function countStored(replies: readonly unknown[]): number {
  return replies.filter((reply) => reply !== 0).length
}
