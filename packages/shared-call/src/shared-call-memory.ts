import { KeyStack } from './shared-call-key-stack.ts'

/**
 * What joins a thread to a `SharedCall`: shared memory, to be passed on as it is. Any number of threads may get the same
 * handle, as `workerData` or in a message, without a transfer list. It means nothing to another process.
 */
export interface SharedCallHandle {
  /** Tells this `SharedCall` from every other. */
  readonly id: string
  /** Lock, counters, and who waits for whom. */
  readonly control: SharedArrayBuffer
  /** What each thread is executing, one of them for each thread that may take part. */
  readonly stacks: readonly SharedArrayBuffer[]
}

/** Words of the header, the lock first. Three 64-bit counters come before them. */
const LOCK = 6
const LAST_MEMBER = 7
const LAST_FLIGHT = 8
const RESETS = 9
const SLOTS_USED = 10
const FIRST_SLOT = 12
const SLOT_WORDS = 8

const COUNTERS = { hits: 0, misses: 1, errors: 2 } as const
const FIELDS = { thread: 2, top: 3, waitingFor: 4, waitingOn: 5, signal: 6, member: 7 } as const

/**
 * A field of a thread's slot. `thread`: its `threadId`. `top`: the words in use on its stack. `waitingFor`: the flight it
 * waits for, or 0; `waitingOn`: the slot of that flight's owner. `signal`: what it blocks on. `member`: the number of the
 * member whose fields these are: not yet that of the claim while a new one moves in.
 */
export type SlotField = keyof typeof FIELDS

/** The shared memory by names. But for the lock and the claims, it is read and written by whoever holds the lock. */
export class SharedCallMemory {
  readonly handle: SharedCallHandle
  readonly stacks: readonly KeyStack[]
  /** All 32-bit words, for `Atomics.wait` on `lockWord` and `signalWord`. */
  readonly words: Int32Array<SharedArrayBuffer>
  readonly lockWord: number = LOCK
  readonly #claims: BigInt64Array<SharedArrayBuffer>
  readonly #counters: Float64Array<SharedArrayBuffer>

  constructor(handle: SharedCallHandle) {
    this.handle = handle
    this.stacks = handle.stacks.map((stack) => new KeyStack(stack))
    this.words = new Int32Array(handle.control)
    this.#claims = new BigInt64Array(handle.control)
    this.#counters = new Float64Array(handle.control)
  }

  get maxThreads(): number {
    return this.stacks.length
  }

  /** Slots from this one on have never been taken. */
  get slotsUsed(): number {
    return Atomics.load(this.words, SLOTS_USED)
  }

  get resets(): number {
    return Atomics.load(this.words, RESETS)
  }

  /** A number that no member had before. */
  nextMember(): number {
    return Atomics.add(this.words, LAST_MEMBER, 1) + 1
  }

  /** A number that no flight in progress has. Never 0. */
  nextFlight(): number {
    const flight = Atomics.add(this.words, LAST_FLIGHT, 1) + 1
    return flight === 0 ? this.nextFlight() : flight
  }

  claim(slot: number): bigint {
    return Atomics.load(this.#claims, claimIndex(slot))
  }

  /** Takes a slot whose claim is still `expected`, in one step: no claim is ever half written. */
  swapClaim(slot: number, expected: bigint, claim: bigint): boolean {
    if (Atomics.compareExchange(this.#claims, claimIndex(slot), expected, claim) !== expected) return false
    let used = this.slotsUsed
    while (used <= slot) used = Atomics.compareExchange(this.words, SLOTS_USED, used, slot + 1)
    return true
  }

  get(slot: number, field: SlotField): number {
    return Atomics.load(this.words, wordOf(slot, field))
  }

  set(slot: number, field: SlotField, value: number): void {
    Atomics.store(this.words, wordOf(slot, field), value)
  }

  signalWord(slot: number): number {
    return wordOf(slot, 'signal')
  }

  count(counter: keyof typeof COUNTERS, by: number): void {
    this.#counters[COUNTERS[counter]] = this.counter(counter) + by
  }

  counter(counter: keyof typeof COUNTERS): number {
    return this.#counters[COUNTERS[counter]] ?? 0
  }

  resetCounters(): void {
    this.#counters.fill(0, 0, 3)
    Atomics.add(this.words, RESETS, 1)
  }
}

/** Memory for as many threads. Address space is reserved, and used as far as keys need it. */
export function createHandle(id: string, maxThreads: number): SharedCallHandle {
  const control = new SharedArrayBuffer((FIRST_SLOT + maxThreads * SLOT_WORDS) * Int32Array.BYTES_PER_ELEMENT)
  return { id, control, stacks: Array.from({ length: maxThreads }, () => KeyStack.allocate()) }
}

/** @throws RangeError for what is no integer from 1 to 1,024. */
export function assertMaxThreads(maxThreads: number): number {
  if (Number.isInteger(maxThreads) && maxThreads >= 1 && maxThreads <= 1024) return maxThreads
  throw new RangeError(`maxThreads must be an integer from 1 to 1024, not ${String(maxThreads)}.`)
}

/** @throws TypeError for what is no handle. */
export function assertHandle(handle: unknown): SharedCallHandle {
  const { id, control, stacks } = Object(handle) as Partial<SharedCallHandle>
  if (typeof id === 'string' && control instanceof SharedArrayBuffer && Array.isArray(stacks)) {
    return handle as SharedCallHandle
  }
  throw new TypeError('Not a handle of a SharedCall. Pass on `shared.handle` as it is, in workerData or in a message.')
}

function wordOf(slot: number, field: SlotField): number {
  return FIRST_SLOT + slot * SLOT_WORDS + FIELDS[field]
}

function claimIndex(slot: number): number {
  return (FIRST_SLOT + slot * SLOT_WORDS) / 2
}
