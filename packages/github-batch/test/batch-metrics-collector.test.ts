import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BatchMetricsCollector, type BatchOperation } from '../src/index.ts'

const operation: BatchOperation = {
  operationType: 'file_batch',
  durationMs: 100,
  batchSize: 10,
  successCount: 10,
  cacheHits: 5,
}

/** Records operations that begin and end when it is said. */
function record(
  spans: readonly (readonly [start: number, end: number])[],
  traits: Partial<BatchOperation> = {},
): BatchMetricsCollector {
  const clock = { time: 0, now: () => clock.time }
  const collector = new BatchMetricsCollector({ clock })
  for (const [start, end] of spans.toSorted((a, b) => a[1] - b[1])) {
    clock.time = end
    collector.recordBatchOperation({ ...operation, durationMs: end - start, ...traits })
  }
  return collector
}

describe('getMetrics()', () => {
  it('is empty before anything was recorded', () => {
    expect(new BatchMetricsCollector().getMetrics()).toEqual({
      totalRequests: 0,
      successfulRequests: 0,
      cacheHits: 0,
      averageBatchSize: 0,
      totalProcessingTimeMs: 0,
      apiCallsSaved: 0,
      parallelEfficiency: 0,
    })
  })

  it('adds up', () => {
    const collector = new BatchMetricsCollector()
    collector.recordBatchOperation({ ...operation, apiCalls: 1 })
    collector.recordBatchOperation({ ...operation, batchSize: 20, successCount: 18, cacheHits: 0, durationMs: 50 })
    expect(collector.getMetrics()).toMatchObject({
      totalRequests: 30,
      successfulRequests: 28,
      cacheHits: 5,
      averageBatchSize: 15,
      totalProcessingTimeMs: 150,
      // Of the first ten files one call was made, of the other twenty one each.
      apiCallsSaved: 9,
    })
  })

  it.each([
    [
      'one after the other',
      [
        [0, 10],
        [10, 20],
      ],
      1,
    ],
    [
      'with a pause between',
      [
        [0, 10],
        [100, 110],
      ],
      1,
    ],
    [
      'two side by side',
      [
        [0, 10],
        [0, 10],
      ],
      1,
    ],
    [
      'one much shorter than the other',
      [
        [0, 10],
        [0, 5],
      ],
      0.75,
    ],
    [
      'four, of which three end at once',
      [
        [0, 100],
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      103 / 400,
    ],
    [
      'in no time',
      [
        [5, 5],
        [5, 5],
      ],
      1,
    ],
  ] as const)('knows how well batches ran side by side: %s', (_, spans, expected) => {
    expect(record(spans).getMetrics().parallelEfficiency).toBeCloseTo(expected)
  })

  it('has an efficiency from 0 to 1, whatever ran when', () => {
    const span = fc.tuple(fc.nat(1_000), fc.nat(1_000)).map(([start, length]) => [start, start + length] as const)
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 40 }), (spans) => {
        const { parallelEfficiency } = record(spans).getMetrics()
        expect(parallelEfficiency).toBeGreaterThan(0)
        expect(parallelEfficiency).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('getPerformanceSummary()', () => {
  it('tells the kinds apart', () => {
    const collector = record([
      [0, 1_000],
      [1_000, 2_000],
    ])
    collector.recordBatchOperation({ ...operation, operationType: 'tree_batch', successCount: 0, cacheHits: 0 })
    const summary = collector.getPerformanceSummary()
    expect(summary).toMatchObject({ operations: 3, averageBatchSize: 10, filesPerSecond: 10, successRate: 2 / 3 })
    expect(summary.byType).toEqual({
      file_batch: { operations: 2, averageDurationMs: 1_000, averageBatchSize: 10, successRate: 1, cacheHitRate: 0.5 },
      tree_batch: { operations: 1, averageDurationMs: 100, averageBatchSize: 10, successRate: 0, cacheHitRate: 0 },
    })
  })

  it('keeps any name apart', () => {
    const collector = new BatchMetricsCollector()
    collector.recordBatchOperation({ ...operation, operationType: '__proto__' })
    expect(Object.entries(collector.getPerformanceSummary().byType)).toHaveLength(1)
  })

  it('counts on beyond what it remembers the times of', () => {
    const collector = record(Array.from({ length: 2_500 }, (_, index) => [index, index + 1] as const))
    expect(collector.getPerformanceSummary()).toMatchObject({ operations: 2_500, filesPerSecond: 10_000 })
  })
})

describe('identifyOptimizationOpportunities()', () => {
  it('says nothing by too few figures, or where all is well', () => {
    const spans = [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const
    expect(record(spans.slice(1), { successCount: 0, cacheHits: 0 }).identifyOptimizationOpportunities()).toEqual([])
    expect(record(spans).identifyOptimizationOpportunities()).toEqual([])
  })

  it.each([
    ['failures', { successCount: 4 }, '60% of the files could not be read: try the conservative strategy.'],
    [
      'a cold cache',
      { cacheHits: 1 },
      'The cache had 10% of the files: keep one cache, in a file or on a server, for all runs.',
    ],
    [
      'small batches',
      { batchSize: 2, successCount: 2, cacheHits: 1 },
      'A batch has 2.0 files: read more at once, or allow enableCrossRepoBatching.',
    ],
    ['slow batches', { durationMs: 6_500 }, 'A file_batch takes 6.5 s: lower maxBatchSize.'],
  ])('advises on %s', (_, traits, advice) => {
    const spans = [
      [0, 1],
      [10_000, 10_001],
      [20_000, 20_001],
    ] as const
    expect(record(spans, traits).identifyOptimizationOpportunities()).toEqual([advice])
  })

  it('advises on slots that stand empty', () => {
    const collector = record([
      [0, 100],
      [0, 10],
      [0, 10],
      [0, 10],
    ])
    expect(collector.identifyOptimizationOpportunities()).toEqual([
      'Of 4 batches side by side, 33% ran: lower maxConcurrentRequests.',
    ])
  })
})

describe('recordBatchOperation()', () => {
  it.each([
    [{ durationMs: -1 }, 'durationMs must be 0 or more, not -1.'],
    [{ batchSize: Number.NaN }, 'batchSize must be 0 or more, not NaN.'],
    [{ apiCalls: Number.POSITIVE_INFINITY }, 'apiCalls must be 0 or more, not Infinity.'],
  ])('refuses %o', (traits, message) => {
    const collector = new BatchMetricsCollector()
    expect(() => {
      collector.recordBatchOperation({ ...operation, ...traits })
    }).toThrow(new RangeError(message))
    expect(collector.getMetrics().totalRequests).toBe(0)
  })
})
