import { CacheError } from '@x/core'

import type { SharedCallStats } from './call-stats.ts'
import { ReentrantCallError } from './reentrant-call-error.ts'
import { Beacon } from './shared-call-beacon.ts'
import { hashKey } from './shared-call-key-stack.ts'
import { Mailbox } from './shared-call-mailbox.ts'
import { createHandle, type SharedCallHandle, SharedCallMemory } from './shared-call-memory.ts'
import { Outcome, unwrapWire } from './shared-call-outcome.ts'
import { type Admission, FlightTable, type Member, type Visit } from './shared-call-table.ts'

const FIRST_PATIENCE_MS = 2
const MAX_PATIENCE_MS = 50

type Join = Extract<Admission, { kind: 'join' }>
type Lead = Extract<Admission, { kind: 'lead' }>

/** One thread's part in a `SharedCall`. */
export class Participant {
  /** What others join by. */
  readonly handle: SharedCallHandle
  readonly table: FlightTable
  readonly #memory: SharedCallMemory
  readonly #mailbox: Mailbox
  readonly #slot: number
  readonly #member: number
  #beacon: Beacon | undefined

  private constructor(memory: SharedCallMemory, place: { slot: number; member: number; beacon?: Beacon }) {
    this.handle = memory.handle
    this.#memory = memory
    this.#slot = place.slot
    this.#member = place.member
    this.#beacon = place.beacon
    this.#mailbox = new Mailbox(memory, place.member)
    this.table = new FlightTable(memory, place.slot)
    this.table.enter()
  }

  /** The first. It needs no beacon as long as nobody knows of it. */
  static found(id: string, maxThreads: number): Participant {
    const memory = new SharedCallMemory(createHandle(id, maxThreads))
    const member = memory.nextMember()
    memory.swapClaim(0, 0n, BigInt(member))
    return new Participant(memory, { slot: 0, member })
  }

  /** @throws CacheError `INVALID_CONFIGURATION` where all slots are taken by living threads. */
  static join(handle: SharedCallHandle): Participant {
    const memory = new SharedCallMemory(handle)
    const member = memory.nextMember()
    const beacon = new Beacon(handle.id, member)
    const slots = Array.from(memory.stacks.keys())
    // Places that are free before those of the dead, whom somebody may be about to succeed.
    const vacant = [() => 0n, (slot: number) => deadClaim(memory, slot)]
    for (const expect of vacant) {
      for (const slot of slots) {
        const claim = expect(slot)
        if (claim === undefined || !memory.swapClaim(slot, claim, beacon.claim)) continue
        return new Participant(memory, { slot, member, beacon })
      }
    }
    beacon.close()
    throw new CacheError('INVALID_CONFIGURATION', {
      message: `All ${memory.maxThreads} places of this SharedCall are taken by living threads. Make it with a larger maxThreads, or close it in threads that need it no more.`,
      details: { maxThreads: memory.maxThreads },
    })
  }

  /** From now on others may know of this thread, and must see whether it lives. */
  publish(): SharedCallHandle {
    if (this.#beacon === undefined) {
      this.#beacon = new Beacon(this.handle.id, this.#member)
      this.#memory.swapClaim(this.#slot, BigInt(this.#member), this.#beacon.claim)
    }
    return this.handle
  }

  /** Leaves. */
  close(): void {
    this.table.leave()
    this.#mailbox.close()
    this.#beacon?.close()
  }

  /** Runs the function, or waits for the thread that does. */
  call(key: string, run: () => unknown): unknown {
    const visit: Visit = { ...hashKey(key), hitSince: -1, hears: (owner) => this.#mailbox.hears(owner) }
    const base = this.table.top
    try {
      for (;;) {
        const admission = this.table.admit(visit)
        if (admission.kind === 'lead') return this.#lead(admission, run)
        if (admission.kind === 'introduce') this.#mailbox.listenTo(admission.owner)
        else if (admission.kind === 'cycle') this.#refuse(admission)
        else {
          const end = this.#wait(admission, visit)
          if (end.kind === 'lead') return this.#lead(end, run)
          if (end.kind === 'join') return unwrapWire(this.#mailbox.receive(end.flight, end.owner))
        }
      }
    } finally {
      this.table.unwind(base)
    }
  }

  /** The counters, without the executions of threads that are dead. */
  readStats(): SharedCallStats {
    const dead = this.table.busyMembers.filter((member) => this.#isDead(member))
    for (const member of dead) this.table.dropDead(member)
    return this.table.readStats(dead)
  }

  #lead({ flight, frame }: Lead, run: () => unknown): unknown {
    const outcome = Outcome.of(run)
    const waiters = this.table.land(frame, outcome.failed)
    if (waiters.length > 0) {
      for (const waiter of waiters) this.#awaitIntroduction(waiter)
      // Not under the lock: a value may be large.
      this.#mailbox.send(flight, outcome, waiters)
      this.table.deliver(frame)
    }
    return outcome.unwrap()
  }

  /** Blocks until the answer has been sent (`join`), until this thread succeeds a dead owner (`lead`), or must try again. */
  #wait(joined: Join, visit: Visit): Join | Lead | { readonly kind: 'retry' } {
    let { flight, owner } = joined
    let patience = FIRST_PATIENCE_MS
    for (;;) {
      const signal = this.table.await(patience)
      if (signal === 'delivered') return { kind: 'join', flight, owner }
      if (signal === 'retry') return { kind: 'retry' }
      if (signal === 'adopted') {
        ;({ flight, owner } = this.table.adopter())
        this.#mailbox.listenTo(owner)
        this.table.confirmAdoption()
      } else if (this.#isDead(owner)) {
        const succession = this.table.succeed(owner, flight, visit)
        this.table.dropDead(owner)
        if (succession !== undefined) return succession
      }
      patience = Math.min(patience * 2, MAX_PATIENCE_MS)
    }
  }

  /** A waiter that was taken over is blocked in `#wait`, and so confirms at once, unless it is dead. */
  #awaitIntroduction(waiter: Member): void {
    while (!this.table.awaitIntroduction(waiter, FIRST_PATIENCE_MS)) if (this.#isDead(waiter)) return
  }

  /** A cycle through a dead thread is none: its waiting ended with it. */
  #refuse({ keys, members }: Extract<Admission, { kind: 'cycle' }>): void {
    const dead = members.filter((member) => this.#isDead(member))
    for (const member of dead) this.table.stopWaiting(member)
    if (dead.length === 0) throw new ReentrantCallError(keys)
  }

  #isDead(member: Member): boolean {
    return !Beacon.isLit(this.handle.id, member.claim)
  }
}

function deadClaim(memory: SharedCallMemory, slot: number): bigint | undefined {
  const claim = memory.claim(slot)
  return claim !== 0n && !Beacon.isLit(memory.handle.id, claim) ? claim : undefined
}
