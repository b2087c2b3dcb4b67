import { describe, expect, it } from 'vitest'

import { freezePlain } from '../src/index.ts'

describe('freezePlain()', () => {
  it('freezes plain data all the way down', () => {
    const value = { list: [{ a: 1 }, null], bare: Object.assign(Object.create(null) as object, { b: [] as number[] }) }
    expect(freezePlain(value)).toBe(true)
    const parts: unknown[] = [value, value.list, value.list[0], value.bare, (value.bare as { b: unknown }).b]
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true, true])
  })

  it.each([1, 'text', true, null, undefined, 1n])('needs nothing for %s', (value) => {
    expect(freezePlain(value)).toBe(true)
  })

  it.each([new Date(0), new Map(), new Set(), new Uint8Array(1), () => 1, /x/])(
    'says of %o, at any depth, that freezing does not protect it',
    (part) => {
      expect(freezePlain(part)).toBe(false)
      expect(freezePlain([{ part }])).toBe(false)
    },
  )
})
