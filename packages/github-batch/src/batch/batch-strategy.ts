/** Every strategy, for those who list or check them. */
export const BATCH_STRATEGIES = ['sequential', 'parallel', 'adaptive', 'aggressive', 'conservative'] as const

/**
 * How batches are read.
 *
 * - `sequential`: one request after the other, one file each.
 * - `parallel`: as configured.
 * - `adaptive`: one of the others, chosen by what there is to read and by how it goes.
 * - `aggressive`: twice the batches at once and twice their size, and nearly all of the rate limit.
 * - `conservative`: few and small batches, and less of the rate limit.
 */
export type BatchStrategy = (typeof BATCH_STRATEGIES)[number]

/** Whether a text names a strategy. */
export function isBatchStrategy(text: unknown): text is BatchStrategy {
  return (BATCH_STRATEGIES as readonly unknown[]).includes(text)
}
