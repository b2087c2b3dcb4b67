import { describe, expect, it } from 'vitest'

import { WorkGroup } from '../src/parallel/work-group.ts'
import { WorkQueue } from '../src/parallel/work-queue.ts'

describe('a WorkQueue with a limit of bytes', () => {
  /** Works on one size after the other, and ends none before it is told to. */
  function create(mostBytes: number): {
    queue: WorkQueue<number>
    running: number[]
    end: (size: number) => Promise<void>
  } {
    const group = new WorkGroup()
    const ends = new Map<number, () => void>()
    const running: number[] = []
    const queue = new WorkQueue<number>(group, {
      atOnce: () => 10,
      cut: () => 1,
      bytesOf: (size) => size,
      mostBytes,
      work: async ([size = 0]) => {
        running.push(size)
        const { promise, resolve } = Promise.withResolvers<undefined>()
        ends.set(size, () => {
          resolve(undefined)
        })
        await promise
        running.splice(running.indexOf(size), 1)
      },
    })
    const end = async (size: number): Promise<void> => {
      const next = group.next()
      ends.get(size)?.()
      await next
    }
    return { queue, running, end }
  }

  it('begins no more than that together, in the order given', async () => {
    const { queue, running, end } = create(10)
    queue.add([4, 5, 3, 1])
    expect(running).toEqual([4, 5])
    await end(5)
    expect(running).toEqual([4, 3, 1])
  })

  it('begins what alone is larger than that when nothing else is under way', async () => {
    const { queue, running, end } = create(10)
    queue.add([1, 50, 2])
    expect(running).toEqual([1])
    await end(1)
    expect(running).toEqual([50])
    await end(50)
    expect(running).toEqual([2])
    await end(2)
    expect(queue.isBusy).toBe(false)
  })
})
