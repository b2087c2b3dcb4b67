/**
 * GitHub allows 90 seconds of its processors' time in 60 seconds, 60 of them for GraphQL, and says that the time to an
 * answer is a rough measure ("Rate limits for the REST API", docs.github.com, 2026-11). Nine tenths are used: half of them as
 * fast as wanted.
 */
const TOTAL = { burstMs: 40_000, perSecondMs: 680 }
const GRAPHQL = { burstMs: 27_000, perSecondMs: 450 }
/** The way there and back is not GitHub's work: so much of the quickest answer is taken for it. */
const LONGEST_WAY_MS = 200
/** GitHub ends what takes longer. */
const LONGEST_WORK_MS = 10_000
/** How much the newest answer says about the next one. */
const SMOOTHING = 0.2

/** Estimates GitHub's work by the time to its answers, and says when there may be more of it. */
export class ProcessorTime {
  readonly #total = new Allowance(TOTAL)
  readonly #graphql = new Allowance(GRAPHQL)
  #quickestMs = LONGEST_WAY_MS
  #expectedMs = { core: 0, graphql: 0 }

  /** When the next request may go: milliseconds since the Unix epoch; `users` share the account. */
  readyAt(kind: 'core' | 'graphql', now: number, users: number): number {
    const total = this.#total.readyAt(now, users)
    return kind === 'graphql' ? Math.max(total, this.#graphql.readyAt(now, users)) : total
  }

  /** Takes what a request will probably need; call the answer with the time that it took. */
  take(kind: 'core' | 'graphql'): (elapsedMs: number) => void {
    const expected = this.#expectedMs[kind]
    this.#charge(kind, expected)
    return (elapsedMs) => {
      this.#quickestMs = Math.min(this.#quickestMs, elapsedMs)
      const work = Math.min(LONGEST_WORK_MS, Math.max(0, elapsedMs - this.#quickestMs))
      this.#charge(kind, work - expected)
      this.#expectedMs[kind] += SMOOTHING * (work - this.#expectedMs[kind])
    }
  }

  #charge(kind: 'core' | 'graphql', milliseconds: number): void {
    this.#total.charge(milliseconds)
    if (kind === 'graphql') this.#graphql.charge(milliseconds)
  }
}

class Allowance {
  readonly #rule: { readonly burstMs: number; readonly perSecondMs: number }
  #leftMs: number
  #at: number | undefined

  constructor(rule: { readonly burstMs: number; readonly perSecondMs: number }) {
    this.#rule = rule
    this.#leftMs = rule.burstMs
  }

  readyAt(now: number, users: number): number {
    const perMs = this.#rule.perSecondMs / 1_000 / users
    this.#leftMs = Math.min(this.#rule.burstMs / users, this.#leftMs + Math.max(0, now - (this.#at ?? now)) * perMs)
    this.#at = now
    return this.#leftMs >= 0 ? now : now - this.#leftMs / perMs
  }

  charge(milliseconds: number): void {
    this.#leftMs -= milliseconds
  }
}
