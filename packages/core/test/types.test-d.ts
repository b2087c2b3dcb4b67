import { expectTypeOf } from 'vitest'
import type { ConformanceCase, StoreHarness } from '../src/conformance/index.ts'
import { conformanceCases } from '../src/conformance/index.ts'
import {
  type Awaitable,
  type CacheStore,
  type Duration,
  type Epoch,
  isCacheError,
  type SetOptions,
  toMilliseconds,
} from '../src/index.ts'

// Checked by tsc, never run.

expectTypeOf(conformanceCases).toEqualTypeOf<readonly ConformanceCase[]>()
expectTypeOf(toMilliseconds('5m')).toEqualTypeOf<number>()
expectTypeOf<5 | '5m' | '1.5h' | '-5ms'>().toExtend<Duration>()
// @ts-expect-error A text without a unit is no duration.
toMilliseconds('5')
// @ts-expect-error A week is no unit.
toMilliseconds('1w')

export async function checkStore(store: CacheStore): Promise<void> {
  expectTypeOf(await store.get('key')).toEqualTypeOf<unknown>()
  expectTypeOf(await store.get<{ title: string }>('key')).toEqualTypeOf<{ title: string } | undefined>()
  expectTypeOf(await store.getMany<number>(['key'])).toEqualTypeOf<Map<string, number>>()
  expectTypeOf(store.getEpoch('key')).toEqualTypeOf<Awaitable<Epoch>>()
  // @ts-expect-error Only the store makes epochs.
  await store.set('key', 1, { ifEpoch: 1 })
  // @ts-expect-error `expires` is no option.
  await store.set('key', 1, { expires: '5m' })
  // @ts-expect-error `prefix` is no condition.
  await store.invalidate({ prefix: 'a' })
  await store.set('key', 1, { ttl: undefined, category: undefined, tags: ['a'] as const, ifEpoch: undefined })
  await store.setMany(new Map([['key', 1]]))
}

export function checkError(error: unknown): void {
  if (isCacheError(error, 'STORE_CLOSED'))
    expectTypeOf(error.details).toEqualTypeOf<Readonly<Record<string, unknown>>>()
}

expectTypeOf<SetOptions['ttl']>().toEqualTypeOf<Duration | undefined>()
expectTypeOf<StoreHarness['create']>().returns.toEqualTypeOf<Awaitable<CacheStore>>()
