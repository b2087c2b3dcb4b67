import { deepStrictEqual, strictEqual } from 'node:assert/strict'

import {
  BatchProcessor,
  type BatchResult,
  createLoader,
  type HttpClient,
  type HttpResponse,
  RequestBatcher,
} from '@x/batcher'
import Bottleneck from 'bottleneck'
import DataLoader from 'dataloader'
import fastq from 'fastq'
import pLimit from 'p-limit'
import pMap from 'p-map'
import PQueue from 'p-queue'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'
import { HTTP_BENCHMARKS } from './batcher-http.ts'

const TASKS = 20_000
const FEW_TASKS = TASKS / 100
const LIMIT = 10
const IN_A_BATCH = 100

const HEADERS = new Headers()
const client: HttpClient = {
  request: async ({ endpoint }): Promise<HttpResponse> => {
    await Promise.resolve()
    return { status: 200, headers: HEADERS, data: endpoint }
  },
}

const endpoints = Array.from({ length: TASKS }, (_, index) => `/items/${index}`)

/** What everybody must make of a request: its result, be it a failure, and how long it took. */
async function perform(endpoint: string, index: number): Promise<BatchResult> {
  const about = { requestId: `request-${index + 1}`, method: 'GET', endpoint } as const
  const started = performance.now()
  try {
    const { status, data } = await client.request({ method: 'GET', endpoint })
    return { ...about, success: true, status, data, durationMs: performance.now() - started }
  } catch (error) {
    const durationMs = performance.now() - started
    return { ...about, success: false, status: undefined, error: error as Error, durationMs }
  }
}

/** How one library runs a task for each endpoint, at most ten at a time. */
type Runner = (tasks: readonly string[]) => Promise<readonly BatchResult[]>

const RUNNERS: readonly (Omit<Contestant, 'run'> & { readonly runner: Runner })[] = [
  { name: 'p-map', role: 'peer', runner: (tasks) => pMap(tasks, perform, { concurrency: LIMIT }) },
  {
    name: 'p-limit',
    role: 'peer',
    runner: (tasks) => {
      const limit = pLimit(LIMIT)
      return Promise.all(tasks.map((endpoint, index) => limit(perform, endpoint, index)))
    },
  },
  {
    name: 'p-queue',
    role: 'peer',
    runner: (tasks) =>
      new PQueue({ concurrency: LIMIT }).addAll(tasks.map((endpoint, index) => () => perform(endpoint, index))),
  },
  {
    name: 'fastq',
    role: 'peer',
    runner: (tasks) => {
      const queue = fastq.promise<unknown, { endpoint: string; index: number }, BatchResult>(
        ({ endpoint, index }) => perform(endpoint, index),
        LIMIT,
      )
      return Promise.all(tasks.map((endpoint, index) => queue.push({ endpoint, index })))
    },
  },
  {
    name: 'a loop of workers',
    role: 'limit',
    runner: async (tasks) => {
      const results: BatchResult[] = []
      let next = 0
      const work = async (): Promise<void> => {
        while (next < tasks.length) {
          const index = next
          next += 1
          results[index] = await perform(tasks[index] ?? '', index)
        }
      }
      await Promise.all(Array.from({ length: LIMIT }, work))
      return results
    },
  },
]

/** It does some hundred tasks a second, so it is given the fewest. */
const BOTTLENECK: (typeof RUNNERS)[number] = {
  name: 'bottleneck',
  role: 'peer',
  runner: (tasks) => {
    const limiter = new Bottleneck({ maxConcurrent: LIMIT })
    return Promise.all(tasks.map((endpoint, index) => limiter.schedule(() => perform(endpoint, index))))
  },
}

function requests(count: number, peers: typeof RUNNERS): Benchmark {
  const tasks = endpoints.slice(0, count)
  const ours: Contestant = {
    name: '@x/batcher',
    role: 'ours',
    run: () => {
      const batcher = new RequestBatcher(client, { maxConcurrent: LIMIT })
      for (const endpoint of tasks) batcher.add('GET', endpoint)
      return batcher.execute()
    },
  }
  return {
    name: `${countText(count)} requests that are answered at once, at limit ${LIMIT}`,
    unit: 'request',
    operations: count,
    series: { name: `requests that are answered at once, at limit ${LIMIT}`, size: count },
    // Where tasks are few, what each of them keeps for its result counts more than how they are run.
    ...(count === TASKS ? { targets: [{ against: 'p-map', ratio: 1 }] } : {}),
    contestants: [
      ours,
      ...peers.map(({ name, role, runner }): Contestant => ({
        name,
        role,
        run: async () => new Map((await runner(tasks)).map((result) => [result.requestId, result])),
      })),
    ],
    check: (answer) => {
      const results = [...(answer as ReadonlyMap<string, BatchResult>)]
      strictEqual(results.length, count)
      results.forEach(([id, result], index) => {
        strictEqual(id, `request-${index + 1}`)
        strictEqual(result.success && result.data, tasks[index])
      })
    },
  }
}

const one = async (): Promise<number> => {
  await Promise.resolve()
  return 1
}

function priorities(count: number): Benchmark {
  const keys = endpoints.slice(0, count)
  return {
    name: `${countText(count)} operations of ten priorities, at limit ${LIMIT}`,
    unit: 'operation',
    operations: count,
    series: { name: `operations of ten priorities, at limit ${LIMIT}`, size: count },
    ...(count === TASKS ? { targets: [{ against: 'p-queue', ratio: 3 }] } : {}),
    contestants: [
      {
        name: '@x/batcher BatchProcessor',
        role: 'ours',
        run: async () => {
          const processor = new BatchProcessor({ size: LIMIT, interval: Infinity })
          const results = keys.map((key, index) => processor.addToBatch({ key, operation: one, priority: index % 10 }))
          void processor.processBatch()
          return sum(await Promise.all(results))
        },
      },
      {
        name: 'p-queue',
        role: 'peer',
        run: async () => {
          const queue = new PQueue({ concurrency: LIMIT })
          const results = keys.map((id, index) => queue.add(one, { id, priority: index % 10 }))
          return sum(await Promise.all(results))
        },
      },
    ],
    check: (answer) => {
      strictEqual(answer, count)
    },
  }
}

const loadAll = (keys: readonly string[]): Promise<number[]> => Promise.resolve(keys.map(({ length }) => length))

/** Contestants that load every key by one call of `load` a batch. */
function loads(count: number): Benchmark {
  const keys = endpoints.slice(0, count)
  const lengths = keys.map(({ length }) => length)
  const loader = (name: string, role: Contestant['role'], make: () => { load: (key: string) => Promise<number> }) => ({
    name,
    role,
    run: () => {
      const made = make()
      return Promise.all(keys.map((key) => made.load(key)))
    },
  })
  return {
    name: `${countText(count)} loads of unique keys, ${IN_A_BATCH} to a batch`,
    unit: 'load',
    operations: count,
    series: { name: `loads of unique keys, ${IN_A_BATCH} to a batch`, size: count },
    ...(count === TASKS ? { targets: [{ against: 'the best peer', ratio: 1 }] } : {}),
    contestants: [
      loader('@x/batcher createLoader', 'ours', () => createLoader(loadAll, { maxSize: IN_A_BATCH })),
      loader('dataloader', 'peer', () => new DataLoader(loadAll, { maxBatchSize: IN_A_BATCH })),
      loader(
        'dataloader, without its cache',
        'peer',
        () => new DataLoader(loadAll, { maxBatchSize: IN_A_BATCH, cache: false }),
      ),
    ],
    check: (answer) => {
      deepStrictEqual(answer, lengths)
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** Requests without a network, operations with priorities, loads, and requests to a real server. */
export function batcherBenchmarks(scale: Scale): readonly Benchmark[] {
  const sizes = decadesTo(TASKS, scale)
  return [
    ...sizes.map((count) => requests(count, count === FEW_TASKS ? [...RUNNERS, BOTTLENECK] : RUNNERS)),
    ...sizes.map(priorities),
    ...sizes.map(loads),
    ...HTTP_BENCHMARKS,
  ]
}
