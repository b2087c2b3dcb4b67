/** Every strategy, for those who list or check them. */
export const BATCH_STRATEGIES = ['sequential', 'parallel', 'adaptive', 'aggressive', 'conservative'] as const

/**
 * How batches are read.
 *
 * - `sequential`: one request after the other, one repository each.
 * - `parallel`: as configured.
 * - `adaptive`: one of the others, chosen by what there is to read, the points left and the network, and then by how it goes.
 * - `aggressive`: twice as many requests at once, and twice as much in each.
 * - `conservative`: three requests at once, with half as much to begin with in each.
 */
export type BatchStrategy = (typeof BATCH_STRATEGIES)[number]

/** Whether a text names a strategy. */
export function isBatchStrategy(text: unknown): text is BatchStrategy {
  return (BATCH_STRATEGIES as readonly unknown[]).includes(text)
}
