import { CacheError } from '@x/core'

import type { WarmingPlan } from './manager-config.ts'
import type { OptimizerCore } from './optimizer-core.ts'
import { pause } from './pause.ts'

/** The longest that a timer can wait; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Warms a service once: pattern by pattern, each as often as its plan allows. Failures are counted and told, never thrown. */
export async function warmService(core: OptimizerCore, plan: WarmingPlan, signal: AbortSignal): Promise<void> {
  for (const pattern of plan.patterns) {
    try {
      signal.throwIfAborted()
      await warmPattern(core, { ...plan, pattern }, signal)
    } catch (cause) {
      if (signal.aborted) return
      const { service, attempts } = plan
      const message = `The pattern ${JSON.stringify(pattern)} of ${JSON.stringify(service)} could not be warmed in ${attempts} attempts. See cause.`
      if (core.config.isCounting) core.counters.warmingErrors += 1
      core.events.emit(
        'onCacheError',
        new CacheError('WARMING_FAILED', { message, details: { service, pattern }, cause }),
      )
    }
  }
}

interface PatternPlan extends WarmingPlan {
  readonly pattern: string
}

async function warmPattern(core: OptimizerCore, plan: PatternPlan, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await loadPattern(core, plan, signal)
      return
    } catch (error) {
      if (attempt >= plan.attempts || signal.aborted) throw error
      await pause(plan.retryDelayMs, signal)
    }
  }
}

/** Keeps what a load answers, but for the keys that changed after it began. */
async function loadPattern(core: OptimizerCore, plan: PatternPlan, signal: AbortSignal): Promise<void> {
  const { keeper, config } = core
  const watch = keeper.watch()
  try {
    const entries = await loadInTime(plan, signal)
    const warming = { span: { ttlMs: config.ttlMs, graceMs: 0 }, watch }
    for (const [key, value] of entries) {
      signal.throwIfAborted()
      if (typeof key !== 'string')
        throw new TypeError(`Not a key: ${String(key)}. load must answer [key, value] pairs.`)
      await keeper.keepWarmed(key, value, warming)
    }
  } finally {
    keeper.unwatch(watch)
  }
}

type Warmed = Awaited<ReturnType<WarmingPlan['load']>>

/** A load that hangs is given up when the next one is due: it would keep all the others from being warmed. */
async function loadInTime({ load, pattern, intervalMs }: PatternPlan, signal: AbortSignal): Promise<Warmed> {
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  controller.signal.addEventListener('abort', () => {
    reject(controller.signal.reason)
  })
  const onAbort = (): void => {
    controller.abort(signal.reason)
  }
  const timer = setTimeout(
    () => {
      const message = `Loading ${JSON.stringify(pattern)} took longer than its interval of ${intervalMs} ms.`
      controller.abort(new CacheError('OPERATION_TIMEOUT', { message, details: { pattern, timeoutMs: intervalMs } }))
    },
    Math.min(intervalMs, LONGEST_TIMER_MS),
  ).unref()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    // What `load` throws at once, having closed the manager, must not leave `ended` without anybody who waits for it.
    const loaded = (async () => await load(pattern, { signal: controller.signal }))()
    return await Promise.race([loaded, ended])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
