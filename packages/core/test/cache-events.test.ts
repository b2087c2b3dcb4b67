import { describe, expect, it } from 'vitest'
import { CacheEventEmitter, type CacheEventListener } from '../src/index.ts'

const EVENT = { key: 'a', category: 'c' }

describe('CacheEventEmitter', () => {
  it('tells every listener, in the order they were added', () => {
    const [emitter, log] = [new CacheEventEmitter(), [] as unknown[]]
    emitter.add({ onCacheHit: (event) => log.push(['first', event]) })
    emitter.add({ onCacheHit: (event) => log.push(['second', event]) })
    emitter.emit('onCacheHit', EVENT)
    expect(log).toEqual([
      ['first', EVENT],
      ['second', EVENT],
    ])
  })

  it('calls each method on its listener', () => {
    class Counter implements CacheEventListener {
      misses = 0
      onCacheMiss(): void {
        this.misses += 1
      }
    }
    const [emitter, counter] = [new CacheEventEmitter(), new Counter()]
    emitter.add(counter)
    emitter.emit('onCacheMiss', EVENT)
    emitter.emit('onCacheHit', EVENT)
    expect(counter.misses).toBe(1)
  })

  it('says whether anybody listens', () => {
    const emitter = new CacheEventEmitter()
    const listener = {}
    expect(emitter.active).toBe(false)
    emitter.add(listener)
    emitter.add(listener)
    expect(emitter.active).toBe(true)
    emitter.remove(listener)
    emitter.remove(listener)
    expect(emitter.active).toBe(false)
  })

  it('drops what a listener throws, and goes on', () => {
    const [emitter, log] = [new CacheEventEmitter(), [] as unknown[]]
    emitter.add({
      onCacheError: () => {
        throw new Error('of the listener')
      },
    })
    emitter.add({ onCacheError: (error) => log.push(error) })
    emitter.emit('onCacheError', 'failure')
    expect(log).toEqual(['failure'])
  })

  it('drops the rejection of an asynchronous listener', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const emitter = new CacheEventEmitter()
    const failing = { onCacheEvict: (): unknown => Promise.reject(new Error('of the listener')) }
    emitter.add(failing)
    emitter.emit('onCacheEvict', EVENT)
    // Unhandled rejections are reported before the next macrotask.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('tells a listener added during an event from the next one on', () => {
    const [emitter, log] = [new CacheEventEmitter(), [] as string[]]
    const add = (depth: number): void => {
      emitter.add({
        onCacheHit() {
          log.push(`told ${depth}`)
          if (depth < 3) add(depth + 1)
        },
      })
    }
    add(1)
    emitter.emit('onCacheHit', EVENT)
    expect(log).toEqual(['told 1'])
  })
})
