import { CacheError, type CacheStore } from '@x/core'

import { type RateBucket } from './rate-bucket.ts'
import { allowanceOf, combined, freshRateState, type RateState, spent } from './rate-state.ts'

/** Where the processes that use one account keep what they know of its limits. */
export interface SharedRatesOptions {
  /** Shared by them: SQLite on one machine, Redis on several. */
  readonly store: CacheStore
  /** Names the account: the limits are a user's or an installation's, whatever its token is now. Never the token itself. */
  readonly account: string
}

/** What is kept. */
interface Shared {
  readonly state: RateState
  /** When each process was last here. */
  readonly users: Readonly<Record<string, number>>
}

/** What a process gets when it comes by. */
export interface RateShare {
  /** What all know together. */
  readonly state: RateState
  /** The points that are now its own to send, of the bucket that it asked for. */
  readonly points: number
  /** How many processes there are; absent where that could not be learnt. */
  readonly users?: number | undefined
}

const SCOPE = { category: 'rate-budget' }
/** Who has not come by for so long has gone. */
const GONE_MS = 60_000
/** Processes that come by at the same moment, each undoing the other's attempt. */
const MOST_ATTEMPTS = 50

/** Lets processes take points of one account in turn: a compare-and-set on one entry of the store, by its epoch. */
export class SharedRates {
  readonly #options: SharedRatesOptions
  readonly #user: string = crypto.randomUUID()

  constructor(options: SharedRatesOptions) {
    this.#options = options
  }

  /**
   * Tells what this process knows, and takes up to so many points of a bucket.
   *
   * @throws what the store throws; CacheError `STORE_UNAVAILABLE` for one that keeps nothing.
   */
  async exchange(
    known: RateState,
    { bucket, wanted, now }: { readonly bucket: RateBucket; readonly wanted: number; readonly now: number },
  ): Promise<RateShare> {
    const { store, account } = this.#options
    let keeps = false
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const ifEpoch = await store.getEpoch(account, SCOPE)
      const shared = await store.get<Shared>(account, SCOPE)
      keeps ||= shared !== undefined
      const state = combined(shared?.state ?? freshRateState(), known)
      const points = Math.max(0, Math.min(wanted, allowanceOf(state[bucket], bucket, now)))
      const next = { ...state, [bucket]: spent(state[bucket], bucket, { points, now }) }
      const users = Object.fromEntries(Object.entries(shared?.users ?? {}).filter(([, seen]) => seen > now - GONE_MS))
      users[this.#user] = now
      const value: Shared = { state: next, users }
      if (await store.set(account, value, { ...SCOPE, ifEpoch, ttl: '2h' })) {
        return { state: next, points, users: Object.keys(users).length }
      }
    }
    // A store that fails open stores nothing and says nothing: nobody is there to share with.
    if (!keeps) throw new CacheError('STORE_UNAVAILABLE')
    // Too many at once: try again a moment later.
    return { state: known, points: 0 }
  }
}
