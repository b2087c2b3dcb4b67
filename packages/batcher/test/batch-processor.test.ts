import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { BatchProcessingError } from '@x/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { BatchProcessor } from '../src/index.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

/** Operations that end when the test says so, and the order in which they began. */
class Operations {
  readonly started: string[] = []
  readonly #ends = new Map<string, PromiseWithResolvers<unknown>>()

  of(name: string): () => Promise<unknown> {
    return () => {
      this.started.push(name)
      const end = Promise.withResolvers<unknown>()
      this.#ends.set(name, end)
      return end.promise
    }
  }

  end(name: string, value: unknown = name): void {
    this.#ends.get(name)?.resolve(value)
  }
}

describe('a batch', () => {
  it('runs when as many wait as its size says', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 2, interval: Infinity })
    for (const key of ['a', 'b', 'c']) void processor.addToBatch({ key, operation: operations.of(key) })
    await settle()
    expect(operations.started).toEqual(['a', 'b'])
  })

  it('runs when the first that waits has waited as long as the interval says', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 10, interval: '1s' })
    void processor.addToBatch({ key: 'a', operation: operations.of('a') })
    await vi.advanceTimersByTimeAsync(600)
    void processor.addToBatch({ key: 'b', operation: operations.of('b') })
    await vi.advanceTimersByTimeAsync(399)
    expect(operations.started).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(operations.started).toEqual(['a', 'b'])
    void processor.addToBatch({ key: 'c', operation: operations.of('c') })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(operations.started).toEqual(['a', 'b', 'c'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('runs at once by processBatch(), which settles when all that waited has ended', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 2, interval: '1h', retryAttempts: 0 })
    const failing = processor.addToBatch({ key: 'a', operation: () => Promise.reject(new Error('broken')) })
    let ended = false
    const running = processor.processBatch().then(() => (ended = true))
    void processor.addToBatch({ key: 'later', operation: operations.of('later') })
    await running
    expect(ended).toBe(true)
    await expect(failing).rejects.toThrow('broken')
    expect(operations.started).toEqual([])
  })

  it('never has more running than its size, and all of it in the end', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 3, interval: '1s' })
    const names = Array.from({ length: 10 }, (_, index) => String(index))
    const results = names.map((key) => processor.addToBatch({ key, operation: operations.of(key) }))
    await settle()
    for (const [index, name] of names.entries()) {
      expect(operations.started.length).toBeLessThanOrEqual(index + 3)
      operations.end(name)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(await Promise.all(results)).toEqual(names)
  })

  it('leaves room for others when an operation never ends', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 2, interval: '1s' })
    for (const key of ['stuck', 'b', 'c']) void processor.addToBatch({ key, operation: operations.of(key) })
    await settle()
    operations.end('b')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(operations.started).toEqual(['stuck', 'b', 'c'])
  })

  it('heeds a changed size and interval at once', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 10, interval: '1h' })
    for (const key of ['a', 'b']) void processor.addToBatch({ key, operation: operations.of(key) })
    processor.setBatchSize(2)
    await settle()
    expect(operations.started).toEqual(['a', 'b'])
    processor.setBatchSize(10)
    void processor.addToBatch({ key: 'c', operation: operations.of('c') })
    await vi.advanceTimersByTimeAsync(5_000)
    processor.setProcessInterval('6s')
    await vi.advanceTimersByTimeAsync(999)
    expect(operations.started).toEqual(['a', 'b'])
    await vi.advanceTimersByTimeAsync(1)
    expect(operations.started).toEqual(['a', 'b', 'c'])
    void processor.addToBatch({ key: 'd', operation: operations.of('d') })
    await vi.advanceTimersByTimeAsync(5_000)
    processor.setProcessInterval('2s')
    await vi.advanceTimersByTimeAsync(1)
    expect(operations.started).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('a smaller size', () => {
  it('leaves what makes no full batch to wait from when it was added', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 10, interval: '1s' })
    for (const key of ['a', 'b', 'c']) void processor.addToBatch({ key, operation: operations.of(key) })
    await vi.advanceTimersByTimeAsync(900)
    processor.setBatchSize(2)
    await settle()
    expect(operations.started).toEqual(['a', 'b'])
    for (const key of ['a', 'b']) operations.end(key)
    await vi.advanceTimersByTimeAsync(100)
    expect(operations.started).toEqual(['a', 'b', 'c'])
  })
})

describe('priorities', () => {
  it('go first, and equal ones in the order of adding', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 1, interval: '1s' })
    void processor.addToBatch({ key: 'first', operation: operations.of('first') })
    for (const [key, priority] of [
      ['low', -1],
      ['a', 0],
      ['high', 5],
      ['b', 0],
      ['higher', 7.5],
    ] as const) {
      void processor.addToBatch({ key, operation: operations.of(key), priority })
    }
    for (const name of ['first', 'higher', 'high', 'a', 'b', 'low']) {
      await settle()
      expect(operations.started.at(-1)).toBe(name)
      operations.end(name)
    }
  })

  it('never overtake by more than aging times their difference, and go before otherwise', async () => {
    const added = fc.record({ priority: fc.integer({ min: -3, max: 3 }), pause: fc.integer({ min: 0, max: 3_000 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(added, { minLength: 2, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (history, size) => {
          const aging = 1_000
          const operations = new Operations()
          const processor = new BatchProcessor({ size, interval: '1s', aging })
          const items: { name: string; priority: number; at: number }[] = []
          // Nothing ends before all is added: from then on the order of starting is the order of the queue.
          for (let index = 0; index < size; index += 1)
            void processor.addToBatch({ key: `plug-${index}`, operation: operations.of(`plug-${index}`) })
          await settle()
          for (const [index, { priority, pause }] of history.entries()) {
            await vi.advanceTimersByTimeAsync(pause)
            const name = String(index)
            items.push({ name, priority, at: performance.now() })
            void processor.addToBatch({ key: name, operation: operations.of(name), priority })
          }
          // It grows while it is gone through.
          for (const name of operations.started) {
            operations.end(name)
            await vi.advanceTimersByTimeAsync(1_000)
          }
          const order = operations.started.filter((name) => !name.startsWith('plug'))
          expect(order.length).toBe(items.length)
          for (const early of items) {
            for (const late of items) {
              if (late.at - early.at <= (late.priority - early.priority) * aging) continue
              if (early === late || late.at < early.at) continue
              expect(order.indexOf(early.name)).toBeLessThan(order.indexOf(late.name))
            }
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('let no low one wait for ever while higher ones keep coming', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 1, interval: '1s', aging: '1s' })
    void processor.addToBatch({ key: 'plug', operation: operations.of('plug') })
    void processor.addToBatch({ key: 'low', operation: operations.of('low'), priority: 0 })
    let overtaken = 0
    for (let index = 0; !operations.started.includes('low') && index < 100; index += 1) {
      void processor.addToBatch({ key: `high-${index}`, operation: operations.of(`high-${index}`), priority: 5 })
      operations.end(operations.started.at(-1) ?? '')
      await vi.advanceTimersByTimeAsync(500)
      overtaken = index
    }
    // Five priorities higher, one second of waiting for each: those of the first five seconds go before, and no more.
    expect(overtaken).toBe(11)
  })
})

describe('operations of one key', () => {
  it('run once while they wait: the last one, for all who gave one, at the higher priority', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 1, interval: '1s' })
    void processor.addToBatch({ key: 'plug', operation: operations.of('plug') })
    const first = processor.addToBatch({ key: 'a', operation: operations.of('old'), priority: 1 })
    void processor.addToBatch({ key: 'b', operation: operations.of('b'), priority: 5 })
    const second = processor.addToBatch({ key: 'a', operation: operations.of('new'), priority: 9 })
    const third = processor.addToBatch({ key: 'a', operation: operations.of('newest'), priority: 3 })
    await settle()
    operations.end('plug')
    await settle()
    expect(operations.started).toEqual(['plug', 'newest'])
    operations.end('newest', 'done')
    expect(await Promise.all([first, second, third])).toEqual(['done', 'done', 'done'])
    await settle()
    expect(operations.started).toEqual(['plug', 'newest', 'b'])
    operations.end('b')
    await settle()
    expect(operations.started).toHaveLength(3)
  })

  it('never run at the same time, and the later one still runs', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 5, interval: '1s' })
    void processor.addToBatch({ key: 'a', operation: operations.of('first') })
    void processor.processBatch()
    await settle()
    const later = processor.addToBatch({ key: 'a', operation: operations.of('second') })
    const all = processor.processBatch()
    await settle()
    expect(operations.started).toEqual(['first'])
    operations.end('first')
    await settle()
    expect(operations.started).toEqual(['first', 'second'])
    operations.end('second')
    expect(await later).toBe('second')
    await all
  })

  it('may be added again by the operation itself', async () => {
    const processor = new BatchProcessor({ size: 1 })
    let runs = 0
    let again: Promise<unknown> | undefined
    const operation = (): number => {
      runs += 1
      if (runs === 1) again = processor.addToBatch({ key: 'a', operation })
      return runs
    }
    expect(await processor.addToBatch({ key: 'a', operation })).toBe(1)
    expect(await again).toBe(2)
  })
})

describe('failures', () => {
  it('are run again after pauses that grow, and passed on as they are', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const times: number[] = []
    const failure = new Error('broken')
    const processor = new BatchProcessor({ size: 1, retryAttempts: 3 })
    const result = processor.addToBatch({
      key: 'a',
      operation: () => {
        times.push(performance.now())
        throw failure
      },
    })
    await vi.runAllTimersAsync()
    await expect(result).rejects.toBe(failure)
    expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual([100, 200, 400])
  })

  it('that pass are forgotten, an abort is not run again, and 0 means never', async () => {
    let runs = 0
    const passing = (): Promise<number> =>
      (runs += 1) < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(runs)
    const processor = new BatchProcessor({ size: 1 })
    const result = processor.addToBatch({ key: 'a', operation: passing })
    await vi.runAllTimersAsync()
    expect(await result).toBe(3)
    runs = 0
    const stopped = new DOMException('stopped', 'AbortError')
    const aborted = processor.addToBatch({ key: 'b', operation: () => Promise.reject(stopped) })
    await expect(aborted).rejects.toBe(stopped)
    const once = new BatchProcessor({ size: 1, retryAttempts: 0 }).addToBatch({ key: 'a', operation: passing })
    await expect(once).rejects.toThrow('not yet')
  })

  it('may be ignored by those who added the operation', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    vi.useRealTimers()
    const processor = new BatchProcessor({ size: 1, retryAttempts: 0 })
    void processor.addToBatch({ key: 'a', operation: () => Promise.reject(new Error('ignored')) })
    await processor.close()
    void processor.addToBatch({ key: 'a', operation: () => 1 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })
})

describe('the async context', () => {
  it('of an operation is that of whoever gave it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const operation = (): number => seen.push(storage.getStore())
    const processor = new BatchProcessor({ size: 3 })
    const add = (user: string, key: string): Promise<number> =>
      storage.run(user, () => processor.addToBatch({ key, operation }))
    await Promise.all([add('Ann', 'a'), add('Ben', 'b'), add('Cem', 'b'), add('Dan', 'c')])
    expect(seen).toEqual(['Ann', 'Cem', 'Dan'])
  })
})

describe('close()', () => {
  it('runs what waits, takes nothing more, and may be called again', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 2, interval: '1h' })
    const result = processor.addToBatch({ key: 'a', operation: operations.of('a') })
    const closing = processor.close()
    const late = processor.addToBatch({ key: 'b', operation: operations.of('b') })
    await expect(late).rejects.toEqual(
      new BatchProcessingError('The batch processor is closed. Make a new one, or close it later.'),
    )
    operations.end('a')
    await settle()
    operations.end('a')
    expect(await result).toBe('a')
    await closing
    await processor.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up what waits where it shall not drain, also when it was draining before', async () => {
    const operations = new Operations()
    const processor = new BatchProcessor({ size: 1, interval: '1h' })
    const running = processor.addToBatch({ key: 'a', operation: operations.of('a') })
    const waiting = processor.addToBatch({ key: 'b', operation: operations.of('b') })
    const held = processor.addToBatch({ key: 'a', operation: operations.of('again') })
    await settle()
    const draining = processor.close()
    const giving = processor.close({ drain: false })
    await expect(waiting).rejects.toBeInstanceOf(BatchProcessingError)
    await expect(held).rejects.toBeInstanceOf(BatchProcessingError)
    operations.end('a')
    expect(await running).toBe('a')
    await Promise.all([draining, giving])
    expect(operations.started).toEqual(['a'])
  })

  it('comes by `await using`', async () => {
    const seen: string[] = []
    {
      await using processor = new BatchProcessor({ interval: '1h' })
      void processor.addToBatch({ key: 'a', operation: () => seen.push('a') })
    }
    expect(seen).toEqual(['a'])
  })

  it('is not needed for a process to end', async () => {
    vi.useRealTimers()
    const source = join(import.meta.dirname, '..', 'src', 'index.ts')
    const program = `
      const { BatchProcessor } = await import(${JSON.stringify(source)})
      new BatchProcessor({ interval: '1h' }).addToBatch({ key: 'a', operation: () => 1 })
    `
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  })
})

describe('misuse', () => {
  it.each([
    [{ size: 0 }, 'size must be a positive integer, not 0.'],
    [{ interval: -1 }, 'interval must be 0 or more, not -1.'],
    [{ retryAttempts: Number.NaN }, 'retryAttempts must be 0 or more, not NaN.'],
    [{ aging: 0 }, 'aging must be longer than 0, not 0.'],
  ])('%j is refused', (options, message) => {
    expect(() => new BatchProcessor(options)).toThrow(new RangeError(message))
  })

  it('of addToBatch() is refused at once', () => {
    const processor = new BatchProcessor()
    const add = (operation: object) => () => processor.addToBatch(operation as never)
    expect(add({ key: 1, operation: () => 1 })).toThrow(new TypeError('The key must be a string, not number.'))
    expect(add({ key: 'a' })).toThrow(new TypeError('The operation must be a function, not undefined.'))
    expect(add({ key: 'a', operation: () => 1, priority: Infinity })).toThrow(
      new RangeError('The priority must be from -1,000,000 to 1,000,000, not Infinity.'),
    )
    expect(() => {
      processor.setBatchSize(1.5)
    }).toThrow(RangeError)
    expect(() => {
      processor.setProcessInterval('soon' as never)
    }).toThrow(RangeError)
  })
})
