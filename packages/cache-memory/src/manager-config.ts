import type { Awaitable, Duration } from '@x/core'

import { assertFields, invalidConfiguration, readDuration, readInteger, readPositive } from './invalid-configuration.ts'
import type { InvalidationRule } from './invalidation-rules.ts'
import { compileKeyMatcher, type KeyMatcher } from './key-matcher.ts'
import { serviceOf } from './service-name.ts'

const BYTES_PER_MEGABYTE = 1_024 * 1_024
const LONGEST_TIMER_MS = 2 ** 31 - 1
const DEFAULT_RETRY_COUNT = 3
const DEFAULT_RETRY_DELAY_MS = 1_000

/** How much memory values may take. */
export interface MemoryConfig {
  /** The most bytes of all values in megabytes (of 1,048,576 bytes): above 0, also a fraction. */
  readonly maxMemoryUsage: number
  /** How often values that have expired are removed, up to 10,000 at a time; above 0. The limit itself needs no timer. */
  readonly checkInterval: Duration
  /** What a value counts that the codec cannot measure, in bytes: above 0. */
  readonly estimatedItemSize: number
}

/** How much a service may keep. */
export interface ServiceConfig {
  /** The most values in memory: an integer from 1. */
  readonly maxSize: number
}

/** What a load is told besides its pattern. */
export interface WarmingContext {
  /** Aborts when the manager is closed, or when the load has taken longer than `interval`. */
  readonly signal: AbortSignal
}

/** How the values of a service are loaded before anybody asks. */
export interface WarmingConfig {
  /** What `load` is called with, one after the other; what they mean is up to it. */
  readonly patterns: readonly string[]
  /** How often: at once, and then each time this has passed. Above 0; `Infinity`: once. */
  readonly interval: Duration
  /** 1 to 10. Of the services that are due, the one with the highest is warmed first. */
  readonly priority: number
  /**
   * How often a pattern that failed is tried again: an integer from 0.
   *
   * @defaultValue 3
   */
  readonly retryCount?: number | undefined
  /**
   * How long to wait before that; above 0.
   *
   * @defaultValue 1000
   */
  readonly retryDelay?: Duration | undefined
  /** Answers the values of a pattern with their keys. `undefined` is not kept, and `null` replaces nothing. */
  readonly load: (
    pattern: string,
    context: WarmingContext,
  ) => Awaitable<Iterable<readonly [key: string, value: unknown]>>
}

/** Which values must not be kept. */
export interface InvalidationPattern {
  /** The keys that it is about: a glob, or a `RegExp` that matches the whole key. */
  readonly pattern: string | RegExp
  /** Whether a value that is written must go. */
  // The caller knows what its keys hold, as with `get<T>`.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly condition: (data: any) => boolean
  /**
   * Told of each key that went. What it writes in turn comes to an end: each key is told once in such a chain. What it throws,
   * or its promise rejects with, is told to the listeners as `onCacheError`.
   */
  readonly onInvalidate: (key: string) => unknown
}

/** A `WarmingConfig`, checked; in milliseconds. */
export interface WarmingPlan {
  /** Its service. */
  readonly service: string
  /** What to load. */
  readonly patterns: readonly string[]
  /** How often. */
  readonly intervalMs: number
  /** Higher is first. */
  readonly priority: number
  /** Attempts for a pattern, the first included. */
  readonly attempts: number
  /** Between two attempts. */
  readonly retryDelayMs: number
  /** Loads a pattern. */
  readonly load: WarmingConfig['load']
}

/** A `MemoryConfig`, checked; in bytes and milliseconds. */
export interface MemoryPlan {
  /** For all values. */
  readonly maxSizeBytes: number
  /** Between two sweeps. */
  readonly checkIntervalMs: number
  /** Of a value that cannot be measured. */
  readonly estimatedSizeBytes: number
}

/** @throws CacheError `INVALID_CONFIGURATION`. */
export function readMemoryConfig(config: MemoryConfig): MemoryPlan {
  assertFields('config', config, { maxMemoryUsage: true, checkInterval: true, estimatedItemSize: true })
  return {
    maxSizeBytes: Math.floor(readPositive('maxMemoryUsage', config.maxMemoryUsage) * BYTES_PER_MEGABYTE),
    checkIntervalMs: Math.min(readDuration('checkInterval', config.checkInterval), LONGEST_TIMER_MS),
    estimatedSizeBytes: readPositive('estimatedItemSize', config.estimatedItemSize),
  }
}

/** @throws CacheError `INVALID_CONFIGURATION`. */
export function readServiceConfig(service: string, config: ServiceConfig): number {
  assertService(service)
  assertFields('config', config, { maxSize: true })
  return readInteger('maxSize', config.maxSize, [1, Infinity])
}

/** @throws CacheError `INVALID_CONFIGURATION`. */
export function readWarmingConfig(service: string, config: WarmingConfig): WarmingPlan {
  assertService(service)
  const known = {
    patterns: true,
    interval: true,
    priority: true,
    retryCount: true,
    retryDelay: true,
    load: true,
  } as const
  assertFields('config', config, known)
  const { patterns, retryCount = DEFAULT_RETRY_COUNT, retryDelay = DEFAULT_RETRY_DELAY_MS, load } = config
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string')) {
    throw invalidConfiguration('patterns', patterns, 'an array of strings')
  }
  if (typeof load !== 'function') throw invalidConfiguration('load', load, 'a function')
  return {
    service,
    patterns: [...patterns],
    intervalMs: readDuration('interval', config.interval),
    priority: readInteger('priority', config.priority, [1, 10]),
    attempts: readInteger('retryCount', retryCount, [0, Infinity]) + 1,
    retryDelayMs: Math.min(readDuration('retryDelay', retryDelay), LONGEST_TIMER_MS),
    load,
  }
}

/** @throws CacheError `INVALID_CONFIGURATION`. */
export function readInvalidationPattern(rule: InvalidationPattern): InvalidationRule {
  assertFields('pattern', rule, { pattern: true, condition: true, onInvalidate: true })
  const { pattern, condition, onInvalidate } = rule
  if (typeof condition !== 'function') throw invalidConfiguration('condition', condition, 'a function')
  if (typeof onInvalidate !== 'function') throw invalidConfiguration('onInvalidate', onInvalidate, 'a function')
  return { matcher: readPattern(pattern), condition, onInvalidate }
}

function readPattern(pattern: string | RegExp): KeyMatcher {
  try {
    return compileKeyMatcher(pattern)
  } catch {
    throw invalidConfiguration('pattern', pattern, 'a glob such as "task-*", or a RegExp')
  }
}

function assertService(service: unknown): void {
  if (typeof service === 'string' && serviceOf(service) === service) return
  throw invalidConfiguration('service', service, 'what comes before the first - or : of its keys')
}
