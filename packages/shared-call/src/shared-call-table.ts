import { threadId } from 'node:worker_threads'

import { hitRateOf } from '@x/core'

import type { SharedCallStats } from './call-stats.ts'
import { memberOf } from './shared-call-beacon.ts'
import type { HashedKey, KeyStack } from './shared-call-key-stack.ts'
import { RobustLock } from './shared-call-lock.ts'
import type { SharedCallMemory } from './shared-call-memory.ts'

/**
 * What `signal` says to a thread that waits: nothing yet; its answer has been sent; its flight was given up, so that it must
 * try again; or another waiter has succeeded the dead owner, and has to be introduced.
 */
export const SIGNALS = { waiting: 0, delivered: 1, retry: 2, adopted: 3 } as const

/** A thread's slot, and the claim by which it is this thread's. */
export interface Member {
  /** Where it is. */
  readonly slot: number
  /** Changes with its owner. */
  readonly claim: bigint
}

/**
 * What a caller has to do: run the function, wait for the owner of a flight, first open the way on which the owner's answer
 * will come, or fail, since these members wait for each other.
 */
export type Admission =
  | { readonly kind: 'lead'; readonly flight: number; readonly frame: number }
  | { readonly kind: 'join'; readonly flight: number; readonly owner: Member }
  | { readonly kind: 'introduce'; readonly owner: Member }
  | { readonly kind: 'cycle'; readonly keys: readonly string[]; readonly members: readonly Member[] }

type Lead = Extract<Admission, { kind: 'lead' }>

/** One call, which may have to be admitted again after a leader's death. */
export interface Visit extends HashedKey {
  /** The resets of the counters when it was counted as a hit; -1: it was not. */
  hitSince: number
  /** Whether the answers of a member can be heard. */
  readonly hears: (owner: Member) => boolean
}

/**
 * Who executes what, and who waits for whom, as one thread sees and changes it. Frames live with their owners, and a
 * thread waits for one flight at a time: so a thread's death leaves its own slot to clear, and nothing else.
 */
export class FlightTable {
  readonly #memory: SharedCallMemory
  readonly #lock: RobustLock
  readonly #slot: number
  readonly #member: number

  constructor(memory: SharedCallMemory, slot: number) {
    this.#memory = memory
    this.#slot = slot
    this.#member = memberOf(memory.claim(slot))
    this.#lock = new RobustLock(memory, this.#member)
  }

  /** Where this thread's next frame begins; 0: it executes nothing. */
  get top(): number {
    return this.#memory.get(this.#slot, 'top')
  }

  /** Starts with an empty slot. Those who wait for its former owner find that it is dead, and succeed it. */
  enter(): void {
    this.#lock.run(() => {
      this.#empty(this.#slot)
      this.#memory.set(this.#slot, 'thread', threadId)
      this.#memory.set(this.#slot, 'member', this.#member)
    })
  }

  /** Gives the slot back. */
  leave(): void {
    this.dropDead({ slot: this.#slot, claim: this.#memory.claim(this.#slot) })
  }

  /** Joins the flight of the key, or starts one. */
  admit(visit: Visit): Admission {
    this.#stack(this.#slot).reserve(this.top, visit.key)
    return this.#lock.run(() => {
      const found = this.#find(visit)
      if (found === undefined) return this.#lead(visit)
      return this.#cycle(found.slot, found.frame, visit.key) ?? this.#join(found.slot, found.frame, visit)
    })
  }

  /**
   * Ends this thread's flight. Without anybody waiting, that is all; otherwise nobody joins it any more, and `deliver` comes
   * next, once the waiters that are named here have been sent the answer.
   */
  land(frame: number, failed: boolean): readonly Member[] {
    return this.#lock.run(() => {
      if (failed) this.#memory.count('errors', 1)
      const waiters = this.#waitersOf(this.#stack(this.#slot).flightAt(frame))
      if (waiters.length === 0) this.#memory.set(this.#slot, 'top', frame)
      else this.#stack(this.#slot).setState(frame, 'landed')
      return waiters
    })
  }

  /** Wakes those who wait for a flight of this thread: each has been sent the answer. */
  deliver(frame: number): void {
    this.#lock.run(() => {
      for (const { slot } of this.#waitersOf(this.#stack(this.#slot).flightAt(frame))) this.#wake(slot, 'delivered')
      this.#memory.set(this.#slot, 'top', frame)
    })
  }

  /** Drops what this thread left behind from `frame` on when it failed in between. */
  unwind(frame: number): void {
    if (this.top > frame)
      this.#lock.run(() => {
        this.#clear(frame)
      })
  }

  /** Blocks for as long; `waiting`: nothing has come. */
  await(patienceMs: number): keyof typeof SIGNALS {
    const word = this.#memory.signalWord(this.#slot)
    Atomics.wait(this.#memory.words, word, SIGNALS.waiting, patienceMs)
    const signal = Atomics.load(this.#memory.words, word)
    if (signal === SIGNALS.waiting) return 'waiting'
    if (signal === SIGNALS.adopted) return 'adopted'
    // Whoever gave the signal may have died right after it.
    this.#memory.set(this.#slot, 'waitingFor', 0)
    return signal === SIGNALS.delivered ? 'delivered' : 'retry'
  }

  /**
   * Succeeds a dead owner. The first waiter to do so runs, and takes the other waiters along, so that none of them can miss it
   * and run again. Undefined: something came before. `retry`: a younger flight of the key is there to be joined.
   */
  succeed(owner: Member, flight: number, visit: Visit): Lead | { readonly kind: 'retry' } | undefined {
    this.#stack(this.#slot).reserve(this.top, visit.key)
    return this.#lock.run(() => {
      const signal = this.#memory.get(this.#slot, 'signal')
      if (signal !== SIGNALS.waiting || this.#memory.get(this.#slot, 'waitingFor') !== flight) return undefined
      this.#memory.set(this.#slot, 'waitingFor', 0)
      this.#closeFlight(owner, flight)
      if (this.#find(visit) !== undefined) return { kind: 'retry' }
      const admission = this.#lead(visit)
      for (const waiter of this.#waitersOf(flight)) this.#adopt(waiter.slot, admission.flight)
      return admission
    })
  }

  /** Whom this thread waits for since it was adopted. */
  adopter(): { readonly flight: number; readonly owner: Member } {
    return this.#lock.run(() => {
      const slot = this.#memory.get(this.#slot, 'waitingOn')
      return {
        flight: this.#memory.get(this.#slot, 'waitingFor'),
        owner: { slot, claim: this.#memory.claim(slot) },
      }
    })
  }

  /** Says that this thread hears its new owner. */
  confirmAdoption(): void {
    this.#lock.run(() => {
      const word = this.#memory.signalWord(this.#slot)
      Atomics.compareExchange(this.#memory.words, word, SIGNALS.adopted, SIGNALS.waiting)
      Atomics.notify(this.#memory.words, word)
    })
  }

  /** Blocks for as long, unless a waiter already hears this thread. */
  awaitIntroduction({ slot }: Member, patienceMs: number): boolean {
    const word = this.#memory.signalWord(slot)
    return Atomics.wait(this.#memory.words, word, SIGNALS.adopted, patienceMs) !== 'timed-out'
  }

  /** A dead member waits no more. */
  stopWaiting({ slot, claim }: Member): void {
    this.#lock.run(() => {
      if (this.#memory.claim(slot) === claim) this.#memory.set(slot, 'waitingFor', 0)
    })
  }

  /** Frees the slot of a member that lives no more, once nobody has to succeed it. */
  dropDead({ slot, claim }: Member): void {
    this.#lock.run(() => {
      if (this.#memory.claim(slot) !== claim) return
      const stack = this.#stack(slot)
      const frames = stack.frames(this.#memory.get(slot, 'top'))
      if (frames.some((frame) => this.#waitersOf(stack.flightAt(frame)).length > 0)) return
      this.#empty(slot)
      this.#memory.swapClaim(slot, claim, 0n)
    })
  }

  /** The other members that execute something, as far as is known. */
  get busyMembers(): Member[] {
    return this.#members().filter(({ slot }) => slot !== this.#slot && this.#memory.get(slot, 'top') > 0)
  }

  forget(key: HashedKey): void {
    this.#lock.run(() => {
      for (const { slot } of this.#members()) {
        const frame = this.#stack(slot).find(this.#memory.get(slot, 'top'), key)
        if (frame >= 0) this.#stack(slot).setState(frame, 'forgotten')
      }
    })
  }

  forgetAll(): void {
    this.#lock.run(() => {
      for (const { slot } of this.#members()) this.#stack(slot).forgetAll(this.#memory.get(slot, 'top'))
    })
  }

  /** Without the executions of members that are known to be dead. */
  readStats(dead: readonly Member[]): SharedCallStats {
    return this.#lock.run(() => {
      const [hits, misses, errors] = [
        this.#memory.counter('hits'),
        this.#memory.counter('misses'),
        this.#memory.counter('errors'),
      ]
      let active = 0
      for (const { slot, claim } of this.#members()) {
        if (dead.some((member) => member.claim === claim)) continue
        active += this.#stack(slot).countActive(this.#memory.get(slot, 'top'))
      }
      return { hits, misses, errors, active, hitRate: hitRateOf(hits, misses) }
    })
  }

  resetStats(): void {
    this.#lock.run(() => {
      this.#memory.resetCounters()
    })
  }

  #find(key: HashedKey): { readonly slot: number; readonly frame: number } | undefined {
    for (let slot = 0; slot < this.#memory.slotsUsed; slot += 1) {
      const frame = this.#isSettled(slot) ? this.#stack(slot).find(this.#memory.get(slot, 'top'), key) : -1
      if (frame >= 0) return { slot, frame }
    }
    return undefined
  }

  /** The frame counts from the moment that `top` includes it. */
  #lead(visit: Visit): Lead {
    if (visit.hitSince === this.#memory.resets) this.#memory.count('hits', -1)
    this.#memory.count('misses', 1)
    const frame = this.top
    const flight = this.#memory.nextFlight()
    this.#memory.set(this.#slot, 'top', this.#stack(this.#slot).write(frame, flight, visit))
    return { kind: 'lead', flight, frame }
  }

  /** The waiting counts from the moment that `waitingFor` is set. */
  #join(slot: number, frame: number, visit: Visit): Admission {
    const owner = { slot, claim: this.#memory.claim(slot) }
    if (!visit.hears(owner)) return { kind: 'introduce', owner }
    if (visit.hitSince === -1) {
      visit.hitSince = this.#memory.resets
      this.#memory.count('hits', 1)
    }
    const flight = this.#stack(slot).flightAt(frame)
    this.#memory.set(this.#slot, 'waitingOn', slot)
    this.#memory.set(this.#slot, 'signal', SIGNALS.waiting)
    this.#memory.set(this.#slot, 'waitingFor', flight)
    return { kind: 'join', flight, owner }
  }

  /** Follows who waits for whom from a flight's owner on: a path that leads to this thread would never end. */
  #cycle(slot: number, frame: number, key: string): Admission | undefined {
    const keys = [key]
    const members: Member[] = []
    let owner = slot
    while (this.#memory.get(owner, 'thread') !== threadId) {
      if (!this.#isSettled(owner)) return undefined
      const waiter = this.#waitingSlotOf(this.#memory.get(owner, 'thread'))
      if (waiter === undefined || members.length > this.#memory.slotsUsed) return undefined
      members.push({ slot: waiter, claim: this.#memory.claim(waiter) })
      owner = this.#memory.get(waiter, 'waitingOn')
      keys.push(this.#keyOf(owner, this.#memory.get(waiter, 'waitingFor')))
    }
    if (members.length > 0) return { kind: 'cycle', keys, members }
    const stack = this.#stack(slot)
    const path = stack.frames(this.#memory.get(slot, 'top'), frame)
    return { kind: 'cycle', keys: path.map((step) => stack.keyAt(step)), members }
  }

  /** A thread that joined twice (by two copies of this package) has two slots, of which one may wait. */
  #waitingSlotOf(thread: number): number | undefined {
    return this.#members().find(
      ({ slot }) => this.#memory.get(slot, 'thread') === thread && this.#memory.get(slot, 'waitingFor') !== 0,
    )?.slot
  }

  /** Otherwise the slot's contents are a dead thread's, and are about to be cleared by the next. */
  #isSettled(slot: number): boolean {
    return this.#memory.get(slot, 'member') === memberOf(this.#memory.claim(slot))
  }

  #keyOf(owner: number, flight: number): string {
    const frame = this.#frameOf(owner, flight)
    return frame === undefined ? '' : this.#stack(owner).keyAt(frame)
  }

  #waitersOf(flight: number): Member[] {
    return this.#members().filter(({ slot }) => this.#memory.get(slot, 'waitingFor') === flight)
  }

  #members(): Member[] {
    const members = []
    for (let slot = 0; slot < this.#memory.slotsUsed; slot += 1) {
      const claim = this.#memory.claim(slot)
      if (claim !== 0n && this.#isSettled(slot)) members.push({ slot, claim })
    }
    return members
  }

  #frameOf(slot: number, flight: number): number | undefined {
    const frames = this.#stack(slot).frames(this.#memory.get(slot, 'top'))
    return frames.find((frame) => this.#stack(slot).flightAt(frame) === flight)
  }

  /** Nobody finds a dead owner's flight any more. */
  #closeFlight({ slot }: Member, flight: number): void {
    const frame = this.#frameOf(slot, flight)
    if (frame !== undefined) this.#stack(slot).setState(frame, 'landed')
  }

  /** The signal comes before the flight: a waiter whose adopter dies in between finds that it waits for a dead member. */
  #adopt(slot: number, flight: number): void {
    const word = this.#memory.signalWord(slot)
    this.#memory.set(slot, 'waitingOn', this.#slot)
    Atomics.store(this.#memory.words, word, SIGNALS.adopted)
    this.#memory.set(slot, 'waitingFor', flight)
    Atomics.notify(this.#memory.words, word)
  }

  /** Tells those who wait for this thread's flights from `frame` on to try again, then removes these. */
  #clear(frame: number): void {
    const stack = this.#stack(this.#slot)
    for (const dropped of stack.frames(this.top, frame)) {
      for (const waiter of this.#waitersOf(stack.flightAt(dropped))) this.#wake(waiter.slot, 'retry')
    }
    this.#memory.set(this.#slot, 'top', frame)
  }

  #empty(slot: number): void {
    this.#memory.set(slot, 'top', 0)
    this.#memory.set(slot, 'waitingFor', 0)
    this.#memory.set(slot, 'signal', SIGNALS.waiting)
  }

  /** The signal comes first: whoever dies in between has told the waiter, which does the rest itself. */
  #wake(slot: number, signal: keyof typeof SIGNALS): void {
    const word = this.#memory.signalWord(slot)
    Atomics.store(this.#memory.words, word, SIGNALS[signal])
    this.#memory.set(slot, 'waitingFor', 0)
    Atomics.notify(this.#memory.words, word)
  }

  #stack(slot: number): KeyStack {
    const stack = this.#memory.stacks[slot]
    if (stack === undefined) throw new RangeError(`There is no slot ${slot}.`)
    return stack
  }
}
