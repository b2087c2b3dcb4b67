import { Beacon, memberOf } from './shared-call-beacon.ts'
import type { SharedCallMemory } from './shared-call-memory.ts'

const SPINS = 64
const PATIENCE_MS = 5
/** More calls than are ever nested while the lock is held. */
const STACK_RESERVE = 48

/**
 * One thread at a time, also after one died while it held it: the lock's word says who does, and a member's number is
 * never used again. It is held for microseconds. Whatever is done under it is complete after each of its steps (the last
 * store of each change is what makes it count), because its holder may die between any two of them.
 */
export class RobustLock {
  readonly #memory: SharedCallMemory
  readonly #member: number

  constructor(memory: SharedCallMemory, member: number) {
    this.#memory = memory
    this.#member = member
  }

  /** Not re-entrant. */
  run<Value>(change: () => Value): Value {
    // An overflow of the stack must come before the lock is taken, not while it is held.
    reserveStack(STACK_RESERVE)
    this.#acquire()
    try {
      return change()
    } finally {
      // Unless somebody took it: this thread may just have given its place away, and looks dead then.
      Atomics.compareExchange(this.#memory.words, this.#memory.lockWord, this.#member, 0)
      Atomics.notify(this.#memory.words, this.#memory.lockWord, 1)
    }
  }

  #acquire(): void {
    const { words, lockWord } = this.#memory
    for (let tries = 1; ; tries += 1) {
      const holder = Atomics.compareExchange(words, lockWord, 0, this.#member)
      if (holder === 0) return
      if (tries < SPINS) continue
      const waited = Atomics.wait(words, lockWord, holder, PATIENCE_MS)
      if (waited === 'timed-out' && this.#isDead(holder)) {
        if (Atomics.compareExchange(words, lockWord, holder, this.#member) === holder) return
      }
    }
  }

  /** A member without a slot has left, or died and was replaced. */
  #isDead(member: number): boolean {
    for (let slot = 0; slot < this.#memory.maxThreads; slot += 1) {
      const claim = this.#memory.claim(slot)
      if (claim !== 0n && memberOf(claim) === member) return !Beacon.isLit(this.#memory.handle.id, claim)
    }
    return true
  }
}

function reserveStack(calls: number): number {
  return calls === 0 ? 0 : reserveStack(calls - 1) + 1
}
