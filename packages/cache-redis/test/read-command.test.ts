import fc from 'fast-check'
import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { ReadCommand } from '../src/read-command.ts'

const key = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }))

describe('ReadCommand', () => {
  it('is written as ioredis writes a GET or MGET, and has its keys', () => {
    fc.assert(
      fc.property(fc.constantFrom('get', 'mget'), fc.array(key, { minLength: 1 }), (name, keys) => {
        const command = new ReadCommand(name, keys)
        const plain = new Command(name, keys)
        expect(command.toWritable({})).toBe(plain.toWritable({}))
        expect(command.getKeys()).toEqual(plain.getKeys())
      }),
    )
  })
})
