import fc from 'fast-check'
import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { SetCommand } from '../src/set-command.ts'

const text = fc.string({ unit: 'grapheme' })

describe('SetCommand', () => {
  it('is written as ioredis writes the SET of both parts in one', () => {
    fc.assert(
      fc.property(text, text, text, fc.option(fc.nat()), (key, head, payload, ms) => {
        const command = new SetCommand(key, { head, payload, keptMs: ms ?? Infinity })
        const plain = new Command('set', [key, head + payload, ...(ms === null ? [] : ['PX', ms])])
        expect(command.toWritable()).toBe(plain.toWritable({}))
        expect(command.args).toEqual(plain.args)
      }),
    )
  })
})
