import { AsyncLocalStorage } from 'node:async_hooks'

import { BatchProcessingError, encodeKey } from '@x/core'

import { type Endable, unwatchAbort, watchAbort } from './abort-watch.ts'
import type { BatchItem } from './batch-item.ts'
import type { BatchResult } from './batch-result.ts'
import { bucketOf, type HostBucket } from './host-bucket.ts'
import type { HttpClient } from './http-client.ts'
import { Lane } from './lane.ts'

const NOBODY: readonly BatchItem[] = []

/** How a run tells what happens. */
export interface BatchRunOptions {
  /** Whose buckets hold items back. */
  readonly client: HttpClient
  /** Its abort ends the run. */
  readonly signal: AbortSignal | undefined
  /** Whether the first failure keeps the rest from being sent. */
  readonly stopOnError: boolean
  /** Called once for each item as it ends; must not throw. */
  readonly onResult: (result: BatchResult) => void
  /** Called once, when every item has ended. */
  readonly onEnd: () => void
}

/** One execution of what was added: which item comes next, and what became of each. */
export class BatchRun {
  /** Of the requests on the wire that have no controller of their own. */
  readonly controller: AbortController = new AbortController()
  /** Runs a function in the async context of whoever started the run. */
  readonly inContext: <T>(task: () => T) => T = AsyncLocalStorage.snapshot()
  /** More may be sent; a reader who does not keep up holds it back. */
  held = false
  readonly #items: readonly BatchItem[]
  readonly #options: BatchRunOptions
  readonly #lanes = new Map<HostBucket, Lane>()
  readonly #order: Lane[] = []
  #pending: number
  #turn = 0
  #stopped = false

  constructor(items: readonly BatchItem[], options: BatchRunOptions) {
    this.#items = items
    this.#options = options
    this.#pending = items.length
    for (const item of coalesced(items)) this.#laneOf(item).add(item)
  }

  /** Whether every item has ended. */
  get ended(): boolean {
    return this.#pending === 0
  }

  /** Whether nothing more is sent, retries included. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Every result, in the order of adding. */
  results(): Map<string, BatchResult> {
    const results = new Map<string, BatchResult>()
    for (const { requestId, result } of this.#items) if (result !== undefined) results.set(requestId, result)
    return results
  }

  /** Begins to heed the signal. */
  start(): void {
    const { signal } = this.#options
    if (signal?.aborted === true) this.abort(signal.reason)
    else if (signal !== undefined) watchAbort(signal, this.#leaving)
    if (this.ended) this.#end()
  }

  /** Whether an item may be sent now. */
  isReady(now: number): boolean {
    return this.#readyLane(now) >= 0
  }

  /** Takes the item to send now, if there is one: from each lane in its turn. */
  take(now: number): BatchItem | undefined {
    const index = this.#readyLane(now)
    if (index < 0) return undefined
    this.#turn = index + 1
    return this.#order[index]?.take()
  }

  /** The lanes that have items and are paused. */
  pausedLanes(now: number): Lane[] {
    return this.#order.filter((lane) => lane.bucket.pausedUntil > now && lane.peek() !== undefined)
  }

  /** Lets an item be sent once more. */
  again(item: BatchItem): void {
    this.#laneOf(item).addAgain(item)
  }

  succeed(item: BatchItem, { data, status, now }: { data: unknown; status: number; now: number }): void {
    if (item.result !== undefined) return
    const durationMs = now - item.startedAt
    const { requestId, method, endpoint } = item
    this.#settle(item, { requestId, method, endpoint, success: true, data, status, durationMs })
  }

  fail(item: BatchItem, thrown: unknown): void {
    if (item.result !== undefined) return
    const error = asError(thrown)
    const durationMs = item.startedAt < 0 ? 0 : performance.now() - item.startedAt
    const { requestId, method, endpoint } = item
    const status = statusOf(error) ?? statusOf(item.lastError)
    this.#settle(item, { requestId, method, endpoint, success: false, error, status, durationMs })
    if (this.#options.stopOnError && !this.#stopped) this.#stop(error)
  }

  /** Ends every item at once, and what is on the wire. */
  abort(reason: unknown): void {
    this.#stopped = true
    for (const item of this.#items) this.fail(item, reason)
    this.controller.abort(reason)
    for (const item of this.#items) if (item.inFlight) item.controller?.abort(reason)
  }

  #readyLane(now: number): number {
    if (this.held) return -1
    for (let step = 0; step < this.#order.length; step += 1) {
      const index = (this.#turn + step) % this.#order.length
      const lane = this.#order[index]
      if (lane !== undefined && lane.bucket.pausedUntil <= now && lane.peek() !== undefined) return index
    }
    return -1
  }

  #laneOf(item: BatchItem): Lane {
    const bucket = bucketOf(this.#options.client, item.endpoint)
    let lane = this.#lanes.get(bucket)
    if (lane === undefined) {
      lane = new Lane(bucket)
      this.#lanes.set(bucket, lane)
      this.#order.push(lane)
    }
    return lane
  }

  readonly #leaving: Endable = {
    end: () => {
      this.abort(this.#options.signal?.reason)
    },
  }

  /** What is on the wire goes on; nothing more is sent. */
  #stop(cause: Error): void {
    this.#stopped = true
    for (const item of this.#items) {
      if (item.inFlight || item.leader?.inFlight === true) continue
      const notSent = new BatchProcessingError('Not sent: an earlier request of the batch failed.', { cause })
      this.fail(item, item.lastError ?? notSent)
    }
  }

  #settle(item: BatchItem, result: BatchResult): void {
    item.result = result
    if (item.deadline !== undefined) clearTimeout(item.deadline)
    if (item.retry !== undefined) clearTimeout(item.retry)
    this.#options.onResult(result)
    // Whoever was told may have aborted the run, and so settled others already.
    for (const follower of item.followers ?? NOBODY)
      if (follower.result === undefined) this.#settle(follower, { ...result, requestId: follower.requestId })
    this.#pending -= 1
    if (this.#pending === 0) this.#end()
  }

  #end(): void {
    const { signal, onEnd } = this.#options
    if (signal !== undefined) unwatchAbort(signal, this.#leaving)
    onEnd()
  }
}

/** The items that are sent: of identical reads only the first. */
function coalesced(items: readonly BatchItem[]): BatchItem[] {
  const plainGets = new Map<string, BatchItem>()
  const otherReads = new Map<string, BatchItem>()
  return items.filter((item) => {
    const { method, endpoint, data } = item
    if (method !== 'GET' && method !== 'HEAD') return true
    const plain = method === 'GET' && data === undefined
    const key = plain ? endpoint : identityOf(item)
    if (key === undefined) return true
    const reads = plain ? plainGets : otherReads
    const leader = reads.get(key)
    if (leader === undefined) reads.set(key, item)
    else {
      item.leader = leader
      leader.followers ??= []
      leader.followers.push(item)
    }
    return leader === undefined
  })
}

/** `undefined` where parameters have no identity: such a read is sent on its own. */
function identityOf({ method, endpoint, data }: BatchItem): string | undefined {
  try {
    return encodeKey(method, endpoint, data)
  } catch {
    return undefined
  }
}

function statusOf(error: Error | undefined): number | undefined {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown }
  return typeof statusCode === 'number' ? statusCode : undefined
}

/** An error as it is; anything else that was thrown becomes the cause of one. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new BatchProcessingError('Something that is no error was thrown: see the cause.', { cause: thrown })
}
