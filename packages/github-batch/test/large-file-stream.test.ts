import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'

import { isGitHubAPIError, isNetworkError } from '@x/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createRepository, isFileNotFoundError, type StreamFileOptions } from '../src/index.ts'
import { textChunks } from '../src/files/text-chunks.ts'
import { ScanWorld } from './scan-world.ts'

const WEB = createRepository('acme/web')
/** One to four bytes a character: 700 KB. */
const TEXT = 'añ€😀'.repeat(70_000)

function world(options: { readonly graphql?: boolean } = {}): Promise<ScanWorld> {
  return ScanWorld.create(
    { web: { files: { 'big.txt': TEXT, 'empty.txt': '', 'odd.bin': Buffer.from([0xe2, 0x82]) } } },
    options,
  )
}

async function collect(chunks: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

function stream(place: ScanWorld, path: string, options?: StreamFileOptions): AsyncGenerator<string, void, undefined> {
  return place.client().streamLargeFileContent(WEB, path, options)
}

describe('streamLargeFileContent()', () => {
  it('gives the whole text in chunks of at most so many bytes', async () => {
    await using place = await world()
    const chunks = await collect(stream(place, 'big.txt'))
    expect(chunks.join('') === TEXT).toBe(true)
    const sizes = chunks.map((chunk) => Buffer.byteLength(chunk))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8_192)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(8_192 - 4)
    expect(chunks.some((chunk) => chunk.includes('\uFFFD'))).toBe(false)
  })

  it('reads an empty file, and one that is no text', async () => {
    await using place = await world()
    expect(await collect(stream(place, 'empty.txt'))).toEqual([])
    expect(await collect(stream(place, 'odd.bin'))).toEqual(['\uFFFD'])
  })

  it('works by REST alone', async () => {
    await using place = await world({ graphql: false })
    expect((await collect(stream(place, 'big.txt', { chunkSize: 100_000 }))).join('') === TEXT).toBe(true)
  })

  it('goes on where an answer broke off', async () => {
    await using place = await world()
    place.server.setFaults([
      { on: { operation: 'blob' }, times: 1, do: { kind: 'cut', afterBytes: 200_001 } },
      { on: { operation: 'blob' }, times: 1, do: { kind: 'cut' } },
      { on: { operation: 'blob' }, times: 1, do: { kind: 'cut', afterBytes: 500_003 } },
      { on: { operation: 'blob' }, times: 1, do: { kind: 'status', status: 502 } },
    ])
    expect((await collect(stream(place, 'big.txt'))).join('') === TEXT).toBe(true)
  })

  it('gives up when answers break off at the same place each time', async () => {
    await using place = await world()
    place.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'cut', afterBytes: 100_000 } }])
    const error = await collect(stream(place, 'big.txt')).catch((reason: unknown) => reason)
    expect(isNetworkError(error)).toBe(true)
    expect(place.server.journal.entries.filter(({ operation }) => operation === 'blob')).toHaveLength(4)
  })

  it('fails at the end when the bytes were other ones', async () => {
    await using place = await world()
    const rewrite = (body: Buffer): Buffer => Buffer.from(body.toString().replace('a', 'b'))
    place.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'rewrite', rewrite } }])
    const error = await collect(stream(place, 'big.txt')).catch((reason: unknown) => reason)
    expect(isGitHubAPIError(error, 200)).toBe(true)
    expect((error as Error).message).toContain('acme/web: the bytes that came are not those of object')
  })

  it('fails when there is no such file', async () => {
    await using place = await world()
    const error = await collect(stream(place, 'none.txt')).catch((reason: unknown) => reason)
    expect(isFileNotFoundError(error) && [error.repository, error.paths]).toEqual(['acme/web', ['none.txt']])
  })

  it('ends with the reason of its signal, in the middle too', async () => {
    await using place = await world()
    const controller = new AbortController()
    const reason = new Error('enough')
    const reading = (async () => {
      for await (const chunk of stream(place, 'big.txt', { signal: controller.signal })) {
        if (chunk.length > 0) controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
  })

  it('leaves room for other requests while a reader takes its time', async () => {
    await using place = await world()
    const client = place.client({ maxConcurrent: 1 })
    for await (const chunk of client.streamLargeFileContent(WEB, 'big.txt')) {
      expect(chunk.length).toBeGreaterThan(0)
      expect((await client.getCommit(WEB, 'HEAD')).commit).toMatch(/^[0-9a-f]{40}$/)
      break
    }
  })

  it.each([3, 0, 1.5, Number.NaN])('refuses chunks of %d bytes at once', async (chunkSize) => {
    await using place = await world()
    expect(() => stream(place, 'big.txt', { chunkSize })).toThrow(
      new RangeError(`chunkSize must be a whole number from 4, not ${chunkSize}.`),
    )
  })

  it('reads no faster than it is asked to', async () => {
    await using place = await world()
    const piece = Buffer.alloc(64 * 1_024, 'x')
    const total = 2_000
    let written = 0
    const stuck = Promise.withResolvers<undefined>()
    const server = createServer((_, response) => {
      const write = (): void => {
        while (written < total) {
          written += 1
          if (!response.write(piece)) {
            response.once('drain', write)
            return
          }
        }
        response.end()
      }
      write()
      // Once nothing has moved for so many turns, every buffer between here and the reader is full.
      let before = -1
      const watch = (turns: number): void => {
        if (turns === 0) stuck.resolve(undefined)
        else {
          setTimeout(() => {
            watch(written === before ? turns - 1 : 20)
            before = written
          }, 5)
        }
      }
      watch(20)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const client = place.client({ baseUrl: `http://127.0.0.1:${port}` })
      for await (const bytes of await client.openBlob(WEB, '0'.repeat(40))) {
        expect(bytes.byteLength).toBeGreaterThan(0)
        await stuck.promise
        break
      }
      expect(written).toBeLessThan(total / 2)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('textChunks()', () => {
  it('cuts any text anywhere, and loses nothing', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 12 })
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => Buffer.from(value))
    const cutText = fc.tuple(text, fc.array(fc.nat(200), { maxLength: 6 })).map(([bytes, cuts]) => {
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
      return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(pieces, cutText), fc.integer({ min: 4, max: 20 }), async (parts, chunkSize) => {
        const whole = Buffer.concat(parts)
        const chunks = await collect(textChunks(from(parts), chunkSize))
        expect(chunks.join('')).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole))
        if (!whole.equals(Buffer.from(whole.toString()))) return
        for (const chunk of chunks) {
          expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(chunkSize)
          expect(chunk.isWellFormed()).toBe(true)
        }
      }),
    )
  })
})

async function* from(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield await Promise.resolve(part)
}
