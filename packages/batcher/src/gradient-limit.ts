import { positiveInteger } from './option-bounds.ts'

/** Where an adaptive limit starts, and how low it may go. */
export interface AdaptiveOptions {
  /**
   * Requests at first: a positive integer.
   *
   * @defaultValue 20
   */
  readonly initial?: number | undefined
  /**
   * Requests that the server is trusted with however slow it becomes: a positive integer.
   *
   * @defaultValue 20
   */
  readonly min?: number | undefined
}

/** Where a limit starts, and between what it moves. */
export interface GradientBounds {
  /** Requests at first. */
  readonly initial: number
  /** Never fewer. */
  readonly min: number
  /** Never more. */
  readonly max: number
}

/** How much of a newly computed limit is taken over. */
const SMOOTHING = 0.2
/** How many requests may wait in the server without the limit shrinking. */
const QUEUE = 4
/** How much slower than usual counts as usual. */
const TOLERANCE = 1.5
const LONG_WINDOW = 600
const WARM_UP = 10

/**
 * How many requests a server bears, found from how long it takes: Gradient2 of Netflix's concurrency-limits, with its
 * defaults (`Gradient2Limit.java`, 2026-11). It grows while requests take as long as they usually do, and shrinks when
 * they take longer.
 */
export class GradientLimit {
  readonly #bounds: GradientBounds
  #estimate: number
  #longTerm = 0
  #samples = 0
  #sum = 0

  constructor(bounds: GradientBounds) {
    this.#bounds = bounds
    this.#estimate = bounds.initial
  }

  /** Whole requests. */
  get limit(): number {
    return Math.floor(this.#estimate)
  }

  /** A request took so long, in any unit, while so many were in flight when it started, itself included. */
  sample(duration: number, inFlight: number): void {
    // A coarse clock sees nothing: no time would divide by zero.
    const short = Math.max(duration, Number.EPSILON)
    const long = this.#addToLongTerm(short)
    // The usual is too long after a slow time: come back faster than the average would.
    if (long / short > 2) this.#longTerm *= 0.95
    // The caller does not ask for more: nothing can be learnt about more.
    if (inFlight < this.#estimate / 2) return
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * long) / short))
    const target = this.#estimate * gradient + QUEUE
    const smoothed = this.#estimate * (1 - SMOOTHING) + target * SMOOTHING
    this.#estimate = Math.max(this.#bounds.min, Math.min(this.#bounds.max, smoothed))
  }

  /** An average of all samples at first, later an exponential one. */
  #addToLongTerm(sample: number): number {
    if (this.#samples < WARM_UP) {
      this.#samples += 1
      this.#sum += sample
      this.#longTerm = this.#sum / this.#samples
    } else {
      const factor = 2 / (LONG_WINDOW + 1)
      this.#longTerm = this.#longTerm * (1 - factor) + sample * factor
    }
    return this.#longTerm
  }
}

/**
 * The limit that the options of a batcher describe: `initial` and `min` are never above `max`.
 *
 * @throws RangeError for what is no positive integer.
 */
export function createGradientLimit(adaptive: true | AdaptiveOptions, max = 200): GradientLimit {
  const { initial = 20, min = 20 } = adaptive === true ? {} : adaptive
  const highest = positiveInteger('maxConcurrent', max)
  return new GradientLimit({
    initial: Math.min(positiveInteger('adaptive.initial', initial), highest),
    min: Math.min(positiveInteger('adaptive.min', min), highest),
    max: highest,
  })
}
