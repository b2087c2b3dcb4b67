import fc from 'fast-check'
import { expect, it } from 'vitest'

import { type Linked, UseOrder } from '../src/use-order.ts'

type Item = Linked<Item>

const itemOf = (id: string): Item => ({ id, older: undefined, newer: undefined })

function idsOf(order: UseOrder<Item>): readonly string[] {
  const ids: string[] = []
  for (let item = order.oldest; item !== undefined; item = item.newer) ids.push(item.id)
  return ids
}

it('keeps items in the order of their use, whatever happens', () => {
  const id = fc.constantFrom('', 'a', 'b', 'ab', '\u{1f600}', 'user-1', 'user-2', 'user-12')
  const step = fc.tuple(fc.constantFrom('add', 'add', 'get', 'peek', 'remove', 'clear'), id)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const order = new UseOrder<Item>(2)
      // A map keeps the order in which its keys came.
      const model = new Map<string, Item>()
      for (const [call, key] of steps) {
        const item = model.get(key)
        expect(order.peek(key)).toBe(item)
        if (call === 'clear') {
          order.clear()
          model.clear()
        } else if (item === undefined) {
          expect(order.get(key)).toBeUndefined()
          if (call !== 'add') continue
          const added = itemOf(key)
          order.add(added)
          model.set(key, added)
        } else if (call === 'remove') {
          order.remove(item)
          model.delete(key)
          expect([item.older, item.newer]).toEqual([undefined, undefined])
        } else if (call === 'get') {
          expect(order.get(key)).toBe(item)
          model.delete(key)
          model.set(key, item)
        }
        expect(idsOf(order)).toEqual([...model.keys()])
        expect(order.size).toBe(model.size)
      }
    }),
  )
})
