import { describe, expect, it } from 'vitest'

import { AsyncSharedCall, callKey } from '../src/index.ts'
import { MapLease } from './map-lease.ts'
import { MapStore } from './map-store.ts'

describe('group()', () => {
  it('shares concurrent calls of a function with equal arguments', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    const fetchUser = shared.group()(async (id: number, { details = false } = {}) => {
      runs += 1
      await Promise.resolve()
      return `${id}${String(details)}`
    })
    const users = await Promise.all([fetchUser(1), fetchUser(1), fetchUser(2), fetchUser(1, { details: true })])
    expect(users).toEqual(['1false', '1false', '2false', '1true'])
    expect(runs).toBe(3)
  })

  it('tells functions apart that look the same', async () => {
    const shared = new AsyncSharedCall()
    const make = (name: string): ((id: number) => Promise<string>) =>
      shared.group()((id: number) => Promise.resolve(`${name} ${id}`))
    const [user, team] = [make('user'), make('team')]
    expect(await Promise.all([user(1), team(1)])).toEqual(['user 1', 'team 1'])
  })

  it('tells the objects apart that a method is called on, and gives it its this', async () => {
    const shared = new AsyncSharedCall()
    interface Api {
      readonly host: string
      readonly get: (this: Api, path: string) => Promise<string>
    }
    const get = shared.group()(function (this: Api, path: string) {
      return Promise.resolve(`${this.host}${path}`)
    })
    const a: Api = { host: 'a', get }
    const b: Api = { host: 'b', get }
    expect(await Promise.all([a.get('/1'), b.get('/1'), a.get('/1')])).toEqual(['a/1', 'b/1', 'a/1'])
    expect(shared.getStats()).toMatchObject({ misses: 2, hits: 1 })
  })

  it('takes a key function, which sees the arguments', async () => {
    const shared = new AsyncSharedCall()
    const compute = shared.group({ key: (x: number) => `compute:${x}` })((x: number, y: number) =>
      Promise.resolve(x + y),
    )
    const gate = Promise.withResolvers<number>()
    const held = shared.call('compute:7', () => gate.promise)
    expect(await Promise.all([compute(1, 1), compute(1, 2), compute(2, 2)])).toEqual([2, 2, 4])
    const joined = compute(7, 0)
    shared.forget('compute:7')
    gate.resolve(99)
    expect(await Promise.all([held, joined])).toEqual([99, 99])
  })

  it('keeps the name, and takes functions that answer at once', async () => {
    const shared = new AsyncSharedCall()
    function triple(n: number): number {
      return n * 3
    }
    const grouped = shared.group()(triple)
    expect(grouped.name).toBe('triple')
    expect(await grouped(3)).toBe(9)
  })

  it('rejects where an argument has no identity, or the key is no string', async () => {
    const shared = new AsyncSharedCall()
    const grouped = shared.group()((value: unknown) => Promise.resolve(value))
    for (const value of [() => 0, Symbol('s'), new AbortController()]) {
      await expect(grouped(value)).rejects.toThrow(TypeError)
    }
    const circle: unknown[] = []
    circle.push(circle)
    await expect(grouped(circle)).rejects.toThrow('A structure that contains itself cannot become a key.')
    const wrong = shared.group({ key: () => 5 as unknown as string })(() => Promise.resolve(1))
    await expect(wrong()).rejects.toThrow(new TypeError('Not a key: 5. Give a string, or { key: string, … }.'))
    expect(shared.getStats()).toMatchObject({ misses: 0, active: 0 })
  })

  it('asks for a key function in a wider scope, where no function has an identity', () => {
    const shared = new AsyncSharedCall({ lease: new MapLease(), store: new MapStore() })
    expect(() => shared.group()).toThrow(
      new TypeError('group() needs a key function with lease and store: functions have no identity elsewhere.'),
    )
  })
})

describe('callKey()', () => {
  it('is the key that group() uses, for forget()', async () => {
    const shared = new AsyncSharedCall()
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    let runs = 0
    const load = (id: number): Promise<string> => {
      runs += 1
      return gates[runs - 1]?.promise ?? Promise.resolve(String(id))
    }
    const grouped = shared.group()(load)
    const old = grouped(1)
    shared.forget(callKey(load, 1))
    const young = grouped(1)
    gates[0]?.resolve('old')
    gates[1]?.resolve('young')
    expect(await Promise.all([old, young])).toEqual(['old', 'young'])
  })

  it('differs for what only looks alike, and not for the order of properties', () => {
    const fn = (): void => undefined
    const tuples = [
      [1],
      ['1'],
      [1n],
      [true],
      ['true'],
      [null],
      ['null'],
      [undefined],
      [],
      [0],
      [-0],
      [NaN],
      [Infinity],
      [new Date(1)],
      [{}],
      [[]],
      [{ a: undefined }],
      [{ a: 1, b: 2 }],
      [{ a: { b: 2 } }],
      [[1], 2],
      [[1, 2]],
      [1, 2],
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a,b'],
      ['a', 'b'],
      ['"a","b"'],
      [new Map()],
      [new Set()],
      [new Set([1])],
    ]
    const keys = tuples.map((args) => callKey(fn, ...args))
    expect(new Set(keys).size).toBe(tuples.length)
    expect(callKey(fn, { b: 2, a: { d: 1, c: 0 } })).toBe(callKey(fn, { a: { c: 0, d: 1 }, b: 2 }))
    expect(callKey(fn, 1)).not.toBe(callKey(() => undefined, 1))
  })
})
