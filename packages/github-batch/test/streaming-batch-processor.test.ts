import { describe, expect, it } from 'vitest'

import { type BatchRequest, createRepository, ResourceManager, StreamingBatchProcessor } from '../src/index.ts'
import { ScanWorld } from './scan-world.ts'

const WEB = createRepository('acme/web')

function world(count: number): Promise<ScanWorld> {
  const files = Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}.txt`, `text ${index}`]))
  return ScanWorld.create({ web: { files: { ...files, 'large.txt': 'x'.repeat(100_000) } } })
}

function requests(count: number): BatchRequest[] {
  return Array.from({ length: count }, (_, index) => ({ repo: WEB, filePath: `f${index}.txt` }))
}

describe('processLargeBatchStreaming()', () => {
  it('yields chunks in order, and looks their paths up together', async () => {
    await using place = await world(25)
    const processor = new StreamingBatchProcessor({ client: place.client() })
    const sizes: number[] = []
    const texts: (string | undefined)[] = []
    for await (const chunk of processor.processLargeBatchStreaming(requests(25))) {
      sizes.push(chunk.length)
      texts.push(...chunk.map(({ content }) => content?.content))
    }
    expect(sizes).toEqual([10, 10, 5])
    expect(texts).toEqual(Array.from({ length: 25 }, (_, index) => `text ${index}`))
    expect(place.server.journal.summary().requests).toBe(4)
  })

  it('begins no chunk before the one before was taken, and takes no request long before it is needed', async () => {
    await using place = await world(1)
    let taken = 0
    const endless = function* (): Generator<BatchRequest, void, undefined> {
      for (;;) {
        taken += 1
        yield { repo: WEB, filePath: 'f0.txt' }
      }
    }
    const processor = new StreamingBatchProcessor({ client: place.client(), chunkSize: 7 })
    const counts: number[] = []
    for await (const chunk of processor.processLargeBatchStreaming(endless())) {
      expect(chunk).toHaveLength(7)
      counts.push(place.server.journal.summary().requests)
      if (counts.length === 3) break
    }
    expect(counts).toEqual([2, 3, 4])
    expect(taken).toBe(100)
  })

  it('makes chunks smaller while memory is short, and drops no request', async () => {
    await using place = await world(40)
    const memory = { megabytes: 10 }
    const resources = new ResourceManager({ maxMemoryMb: 100, measure: () => memory.megabytes * 1_024 * 1_024 })
    const processor = new StreamingBatchProcessor({ client: place.client(), resources })
    const sizes: number[] = []
    for await (const chunk of processor.processLargeBatchStreaming(requests(40))) {
      sizes.push(chunk.length)
      if (sizes.length === 1) memory.megabytes = 90
      if (sizes.length === 6) memory.megabytes = 10
      expect(chunk.every(({ content }) => content !== undefined)).toBe(true)
    }
    expect(sizes).toEqual([10, 5, 2, 1, 1, 1, 2, 4, 8, 6])
  })

  it('reads a large file in a chunk of its own', async () => {
    await using place = await world(6)
    const processor = new StreamingBatchProcessor({ client: place.client(), streamLargeFilesThreshold: 50_000 })
    const wanted = requests(6).toSpliced(2, 0, { repo: WEB, filePath: 'large.txt' })
    const sizes: number[] = []
    for await (const chunk of processor.processLargeBatchStreaming(wanted)) sizes.push(chunk.length)
    expect(sizes).toEqual([2, 1, 4])
  })

  it('asks nobody twice for what is not there', async () => {
    await using place = await world(1)
    const processor = new StreamingBatchProcessor({ client: place.client() })
    const names: unknown[] = []
    for await (const chunk of processor.processLargeBatchStreaming([{ repo: WEB, filePath: 'none.txt' }])) {
      names.push(...chunk.map(({ error }) => error?.name))
    }
    expect(names).toEqual(['FileNotFoundError'])
    expect(place.server.journal.summary().requests).toBe(1)
  })

  it('ends with the reason of its signal, between chunks too', async () => {
    await using place = await world(25)
    const controller = new AbortController()
    const reason = new Error('enough')
    const processor = new StreamingBatchProcessor({ client: place.client() })
    const reading = (async () => {
      for await (const chunk of processor.processLargeBatchStreaming(requests(25), { signal: controller.signal })) {
        if (chunk.length > 0) controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
  })

  it('refuses chunks of no size', async () => {
    await using place = await world(1)
    expect(() => new StreamingBatchProcessor({ client: place.client(), chunkSize: 0 })).toThrow(
      new RangeError('chunkSize must be a positive integer, not 0.'),
    )
  })
})
