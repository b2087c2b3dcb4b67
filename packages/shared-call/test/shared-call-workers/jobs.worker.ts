import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'

import { RobustLock } from '../../src/shared-call-lock.ts'
import { SharedCallMemory } from '../../src/shared-call-memory.ts'
import { SharedCall, type SharedCallHandle } from '../../src/index.ts'
import { BEATS, INSIDE, type JobName, RUNS, type Task, WORDS } from './board.ts'

const { job, board, number, seed, handle } = workerData as Task
const words = new Int32Array(board)

const jobs: Record<JobName, (shared: SharedCall) => unknown> = {
  join: (shared) => {
    mark('ready')
    return shared.call('key', () => {
      Atomics.add(words, RUNS, 1)
      return `run by ${number}`
    })
  },
  lead: (shared) =>
    shared.call('key', () => {
      mark('leading')
      waitFor(() => shared.getStats().hits >= seed)
      return { by: 'worker', map: new Map([['a', new Date(0)]]), bytes: new Uint8Array([1, 2]) }
    }),
  hash: (shared) => {
    mark('ready')
    return (
      shared.call('key', () => new Uint8Array(0)) instanceof Uint8Array &&
      createHash('sha256')
        .update(shared.call('value', () => new Uint8Array(0)))
        .digest('hex')
    )
  },
  fail: (shared) => {
    mark('ready')
    return attempt(() => shared.call('key', () => 'ran'))
  },
  forget: (shared) => {
    shared.forget('key')
    return shared.call('key', () => 'anew')
  },
  cycle: (shared) =>
    attempt(() =>
      shared.call('b', () => {
        mark('leading')
        waitFor(() => Atomics.load(words, WORDS.go) === 1)
        return `b of ${shared.call('a', () => 'a in the worker')}`
      }),
    ),
  doomedLoop: (shared) =>
    shared.call('key', () => {
      mark('leading')
      for (;;) Atomics.add(words, BEATS + number, 1)
    }),
  doomedWait: (shared) =>
    shared.call('key', () => {
      mark('leading')
      for (;;) Atomics.wait(words, WORDS.never, 0)
    }),
  doomedExit: (shared) =>
    shared.call('key', () => {
      mark('leading')
      waitFor(() => shared.getStats().hits >= seed)
      process.exit(7)
    }),
  doomedLock: () => {
    if (handle === undefined) throw new TypeError('This job needs its handle at once.')
    const memory = new SharedCallMemory(handle)
    const slot = 1
    new RobustLock(memory, memory.get(slot, 'member')).run(() => {
      mark('leading')
      for (;;) Atomics.add(words, BEATS + number, 1)
    })
  },
  rounds: (shared) => {
    for (let round = 1; round <= seed; round += 1) {
      waitFor(() => Atomics.load(words, WORDS.go) >= round)
      const value = shared.call('key', () => {
        Atomics.add(words, RUNS, 1)
        waitFor(() => Atomics.load(words, WORDS.finish) >= round)
        return round
      })
      if (value !== round) throw new Error(`Round ${round} got ${value}.`)
      Atomics.add(words, WORDS.done, 1)
      Atomics.notify(words, WORDS.done)
    }
  },
  hammer: (shared) => {
    for (let call = 0; call < seed; call += 1) hammer(shared, `key ${(call * 7 + number * 3) % 50}`)
  },
  hammerForEver: (shared) => {
    for (let call = 0; ; call += 1) {
      hammer(shared, `key ${(call + seed) % 5}`)
      Atomics.add(words, WORDS.progress, 1)
      Atomics.notify(words, WORDS.progress)
    }
  },
  survive: (shared) => {
    for (let call = 0; Atomics.load(words, WORDS.finish) === 0; call += 1) {
      hammer(shared, `key ${(call + number) % 5}`)
      // Leaves the processor to those that are to be started and ended.
      if (call % 8 === 0) Atomics.wait(words, WORDS.never, 0, 1)
    }
  },
}

/** One call of a function that notices when it runs twice at a time, or more than once for an answer. */
function hammer(shared: SharedCall, key: string): void {
  const place = Number(key.slice(4))
  const before = Atomics.load(words, RUNS + place)
  const generation = shared.call(key, () => {
    const other = Atomics.exchange(words, INSIDE + place, number)
    const beats = other === 0 ? 0 : Atomics.load(words, BEATS + other)
    for (let beat = 0; beat < 200; beat += 1) Atomics.add(words, BEATS + number, 1)
    // Whoever died inside has left its number, and does not beat any more.
    if (other !== 0 && (other < 8 || Atomics.load(words, BEATS + other) !== beats)) Atomics.add(words, WORDS.doubles, 1)
    const next = Atomics.load(words, RUNS + place) + 1
    Atomics.store(words, RUNS + place, next)
    Atomics.store(words, INSIDE + place, 0)
    return next
  })
  if (generation < before) Atomics.add(words, WORDS.stale, 1)
}

function waitFor(isSo: () => boolean): void {
  while (!isSo()) Atomics.wait(words, WORDS.never, 0, 1)
}

function mark(word: keyof typeof WORDS): void {
  Atomics.add(words, WORDS[word], 1)
  Atomics.notify(words, WORDS[word])
}

function attempt(run: () => unknown): unknown {
  try {
    return { value: run() }
  } catch (error) {
    return describe(error)
  }
}

/** An error as plain data: a message between threads would lose parts of it. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  return {
    ...Object.fromEntries(Object.entries(error)),
    name,
    message,
    stack,
    cause: describe(cause),
    errors: error instanceof AggregateError ? error.errors.map(describe) : undefined,
    isTypeError: error instanceof TypeError,
  }
}

function work(from: SharedCallHandle): void {
  parentPort?.postMessage(jobs[job](SharedCall.from(from)))
}

if (handle === undefined) parentPort?.once('message', work)
else work(handle)
