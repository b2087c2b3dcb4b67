import type { WarmingPlan } from './manager-config.ts'

/** The longest that a timer can wait; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

interface Job {
  readonly plan: WarmingPlan
  readonly timer: ReturnType<typeof setInterval> | undefined
}

/** Warms services one at a time, of those that are due the one with the highest priority first. */
export class WarmingSchedule {
  readonly #warm: (plan: WarmingPlan) => Promise<void>
  readonly #jobs = new Map<string, Job>()
  readonly #due = new Set<string>()
  #isRunning = false

  constructor(warm: (plan: WarmingPlan) => Promise<void>) {
    this.#warm = warm
  }

  /** Warms a service as soon as it is its turn, and then at its intervals; in the place of an earlier plan for it. */
  add(plan: WarmingPlan): void {
    const { service, intervalMs } = plan
    clearInterval(this.#jobs.get(service)?.timer)
    const onTime = (): void => {
      this.#makeDue(service)
    }
    const timer = intervalMs > LONGEST_TIMER_MS ? undefined : setInterval(onTime, intervalMs).unref()
    this.#jobs.set(service, { plan, timer })
    this.#makeDue(service)
  }

  /** Stops all timers. What is being warmed hears of it by its signal. */
  close(): void {
    for (const { timer } of this.#jobs.values()) clearInterval(timer)
    this.#jobs.clear()
    this.#due.clear()
  }

  #makeDue(service: string): void {
    this.#due.add(service)
    if (this.#isRunning) return
    this.#isRunning = true
    // Not at once, and not in a microtask, which runs between two timers: of those that are due together the highest
    // priority is first.
    setTimeout(() => void this.#runDue(), 0).unref()
  }

  async #runDue(): Promise<void> {
    for (let job = this.#takeNext(); job !== undefined; job = this.#takeNext()) await this.#warm(job.plan)
    this.#isRunning = false
  }

  #takeNext(): Job | undefined {
    const due = [...this.#due].flatMap((service) => this.#jobs.get(service) ?? [])
    const [next] = due.sort((a, b) => b.plan.priority - a.plan.priority)
    if (next !== undefined) this.#due.delete(next.plan.service)
    return next
  }
}
