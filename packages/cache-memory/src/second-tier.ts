import type { CacheStore, Epoch } from '@x/core'

import type { Life } from './memory-tier.ts'
import { isValid, type StandardSchema } from './standard-schema.ts'

/** What lies in the store: the value with its life, which a `CacheStore` does not hand out. `null`: never. */
interface Envelope {
  readonly value: unknown
  readonly expiresAt: number | null
  readonly keptUntil: number | null
  readonly loadMs: number
}

/** A value of the second tier. */
export interface SecondTierValue {
  /** The value itself. */
  readonly value: unknown
  /** When it expires. */
  readonly life: Life
}

/** How long a value is to live, in milliseconds from now. */
export interface Span {
  /** How long it is fresh. */
  readonly ttlMs: number
  /** How long it is kept afterwards. */
  readonly graceMs: number
}

/** The store behind the memory. What it cannot do is told to `onFailure`, and answered as a miss or a dropped write. */
export class SecondTier {
  readonly #store: CacheStore
  readonly #scope: { readonly category: string }
  readonly #onFailure: (error: unknown) => void

  constructor(store: CacheStore, category: string, onFailure: (error: unknown) => void) {
    this.#store = store
    this.#scope = { category }
    this.#onFailure = onFailure
  }

  /** A value that is fresh, or still kept. What is no envelope or not valid is a miss. */
  async read(key: string, schema: StandardSchema | undefined): Promise<SecondTierValue | undefined> {
    return await this.#attempt(async () => {
      const envelope = await this.#store.get(key, { ...this.#scope, allowStale: true })
      if (!isEnvelope(envelope) || !(await isValid(schema, envelope.value))) return undefined
      const { value, expiresAt, keptUntil, loadMs } = envelope
      return { value, life: { expiresAt: expiresAt ?? Infinity, keptUntil: keptUntil ?? Infinity, loadMs } }
    })
  }

  /** Where the history of a key stands; `undefined` when nobody knows, and nothing may be written. */
  async epoch(key: string): Promise<Epoch | undefined> {
    return await this.#attempt(() => this.#store.getEpoch(key, this.#scope))
  }

  /** Writes a value unless the key was touched since its epoch; `false` when it was. */
  async write(
    key: string,
    { value, life }: SecondTierValue,
    { ttlMs, graceMs, epoch }: Span & { readonly epoch: Epoch },
  ): Promise<boolean> {
    const envelope: Envelope = {
      value,
      expiresAt: finiteOrNull(life.expiresAt),
      keptUntil: finiteOrNull(life.keptUntil),
      loadMs: life.loadMs,
    }
    const options = { ...this.#scope, ttl: ttlMs, grace: graceMs, ifEpoch: epoch }
    const isOvertaken = await this.#attempt(async () => {
      if (await this.#store.set(key, envelope, options)) return false
      // A store that fails open answers false as well, and nothing has changed then.
      return (await this.#store.getEpoch(key, this.#scope)) !== epoch
    })
    return isOvertaken !== true
  }

  /** Removes a key. */
  async remove(key: string): Promise<void> {
    await this.#attempt(() => this.#store.delete(key, this.#scope))
  }

  /**
   * Removes what matches a glob; how many there were.
   *
   * @throws what the store throws: whoever removes must know that it is still there.
   */
  invalidate(pattern: string): number | Promise<number> {
    return this.#store.invalidate({ ...this.#scope, pattern })
  }

  async #attempt<Result>(work: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#onFailure(error)
      return undefined
    }
  }
}

function finiteOrNull(time: number): number | null {
  return time === Infinity ? null : time
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const { value: inner, expiresAt, keptUntil, loadMs } = value as Partial<Envelope>
  return inner !== undefined && isTime(expiresAt) && isTime(keptUntil) && Number.isFinite(loadMs)
}

function isTime(time: unknown): boolean {
  return time === null || Number.isFinite(time)
}
