import { Worker } from 'node:worker_threads'

import type { SharedCallHandle } from '../../src/index.ts'

/** What test threads tell each other by. */
export const WORDS = {
  ready: 0,
  leading: 1,
  go: 2,
  done: 3,
  never: 4,
  progress: 5,
  finish: 6,
  doubles: 7,
  stale: 8,
} as const
/** Per key: executions that have ended. */
export const RUNS = 16
/** Per key: the number of the thread that is executing. */
export const INSIDE = 80
/** Per thread: goes up while it executes. */
export const BEATS = 144

export type JobName =
  | 'join'
  | 'lead'
  | 'hash'
  | 'fail'
  | 'forget'
  | 'cycle'
  | 'doomedLoop'
  | 'doomedWait'
  | 'doomedExit'
  | 'doomedLock'
  | 'rounds'
  | 'hammer'
  | 'hammerForEver'
  | 'survive'

export interface Task {
  readonly job: JobName
  readonly board: SharedArrayBuffer
  readonly number: number
  readonly seed: number
  readonly handle: SharedCallHandle | undefined
}

export interface Hand {
  readonly worker: Worker
  /** What the job returned; undefined: it ended without. */
  readonly answer: Promise<unknown>
  readonly exit: Promise<number>
}

/** Shared words, and threads that do jobs with them. */
export class Board {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(4 * 512)
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(this.memory)
  #count = 0

  start(job: JobName, handle: SharedCallHandle | undefined, options: { seed?: number; number?: number } = {}): Hand {
    const { seed = 0, number = (this.#count += 1) } = options
    const workerData: Task = { job, board: this.memory, number, seed, handle }
    const worker = new Worker(new URL('jobs.worker.ts', import.meta.url), { workerData })
    const answer = new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      worker.once('exit', () => {
        resolve(undefined)
      })
    })
    answer.catch(() => undefined)
    return { worker, answer, exit: new Promise((resolve) => worker.once('exit', resolve)) }
  }

  get(word: keyof typeof WORDS): number {
    return Atomics.load(this.words, WORDS[word])
  }

  set(word: keyof typeof WORDS, value: number): void {
    Atomics.store(this.words, WORDS[word], value)
    Atomics.notify(this.words, WORDS[word])
  }

  /** Blocks until a word has reached a value. */
  await(word: keyof typeof WORDS, value: number): void {
    for (let now = this.get(word); now < value; now = this.get(word)) Atomics.wait(this.words, WORDS[word], now)
  }

  /** Blocks until something is so. */
  waitFor(isSo: () => boolean): void {
    while (!isSo()) Atomics.wait(this.words, WORDS.never, 0, 1)
  }
}
