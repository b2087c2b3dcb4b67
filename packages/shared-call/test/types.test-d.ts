import { expectTypeOf } from 'vitest'

import { AsyncSharedCall, type CallContext, readThrough } from '../src/index.ts'
import { MapStore } from './map-store.ts'

const shared = new AsyncSharedCall()
const fetchUser = (id: number, details?: boolean): Promise<{ id: number; details: boolean }> =>
  Promise.resolve({ id, details: details ?? false })

expectTypeOf(shared.call('f', fetchUser, 1)).toEqualTypeOf<Promise<{ id: number; details: boolean }>>()
expectTypeOf(shared.call('f', () => 1)).toEqualTypeOf<Promise<number>>()
expectTypeOf(shared.callWithResult('f', () => 'a')).resolves.toEqualTypeOf<{
  readonly value: string
  readonly shared: boolean
}>()
expectTypeOf(
  shared.call({ key: 'f' }, (n: number, { signal }: CallContext) => signal.aborted || n, 1),
).resolves.toEqualTypeOf<number | true>()
expectTypeOf(shared.call({ key: 'f', clone: (value: number) => value }, (n: number) => n, 1)).resolves.toBeNumber()
// @ts-expect-error an argument of another type
void shared.call('f', fetchUser, 'one')
// @ts-expect-error a clone function of another value
void shared.call({ key: 'f', clone: (value: string) => value }, (n: number) => n, 1)

expectTypeOf(shared.group()(fetchUser)).toEqualTypeOf<typeof fetchUser>()
expectTypeOf(shared.group({ key: (id: number) => `user:${id}` })(fetchUser)).toEqualTypeOf<typeof fetchUser>()
const identity = shared.group()(async <T>(value: T) => Promise.resolve(value))
expectTypeOf(identity<'a'>('a')).resolves.toEqualTypeOf<'a'>()
expectTypeOf(shared.group()((n: number) => n > 0)).toEqualTypeOf<(n: number) => Promise<boolean>>()
// @ts-expect-error a key of other arguments
shared.group({ key: (name: string) => name })(fetchUser)

expectTypeOf(readThrough(new MapStore(), 'k', () => 1, { ttl: '5m', clone: 'freeze' })).resolves.toBeNumber()
// @ts-expect-error the epoch is noted by readThrough()
void readThrough(new MapStore(), 'k', () => 1, { ifEpoch: 0 })
