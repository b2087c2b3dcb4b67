import { type Clock, type Duration, type HeldLease, type Lease, systemClock, toMilliseconds } from '@x/core'

interface Hold {
  readonly fence: number
  expiresAt: number
}

/** A lease over a map, as a database or a server would keep it. */
export class MapLease implements Lease {
  readonly log: string[] = []
  readonly #holds = new Map<string, Hold>()
  readonly #clock: Clock
  #fence = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async acquire(key: string, ttl: Duration): Promise<HeldLease | undefined> {
    await Promise.resolve()
    const current = this.#holds.get(key)
    if (current !== undefined && this.#clock.now() < current.expiresAt) return undefined
    this.#fence += 1
    const hold = { fence: this.#fence, expiresAt: this.#clock.now() + toMilliseconds(ttl) }
    this.#holds.set(key, hold)
    this.log.push(`acquire ${key} ${hold.fence}`)
    return {
      fence: hold.fence,
      renew: (renewedTtl) => this.renew(key, hold.fence, renewedTtl),
      release: () => this.release(key, hold.fence),
    }
  }

  async renew(key: string, fence: number, ttl: Duration): Promise<boolean> {
    await Promise.resolve()
    const hold = this.#holds.get(key)
    const holds = hold?.fence === fence && this.#clock.now() < hold.expiresAt
    this.log.push(`renew ${key} ${fence} ${holds ? 'held' : 'lost'}`)
    if (holds) hold.expiresAt = this.#clock.now() + toMilliseconds(ttl)
    return holds
  }

  async release(key: string, fence: number): Promise<void> {
    await Promise.resolve()
    if (this.#holds.get(key)?.fence !== fence) return
    this.#holds.delete(key)
    this.log.push(`release ${key} ${fence}`)
  }
}
