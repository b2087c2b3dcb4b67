import { expectTypeOf } from 'vitest'

import { MemoryCache, type ServiceOptimizer } from '../src/index.ts'

// Checked by tsc, never run.

export async function check(optimizer: ServiceOptimizer): Promise<void> {
  expectTypeOf(await optimizer.withOptimization('k', () => 1)).toEqualTypeOf<number>()
  expectTypeOf(await optimizer.withOptimization('k', () => Promise.resolve('a'))).toEqualTypeOf<string>()
  expectTypeOf(optimizer.getCache<{ id: number }>('k')).toEqualTypeOf<{ id: number } | undefined>()
  const fetchUser = (id: number, name?: string): Promise<{ id: number }> => Promise.resolve({ id, name })
  const cached = optimizer.wrap(fetchUser, { key: (id, name) => `${id}-${name ?? ''}` })
  expectTypeOf(cached).toEqualTypeOf<typeof fetchUser>()
  // @ts-expect-error The key is made of the function's own arguments.
  optimizer.wrap(fetchUser, { key: (id: string) => id })
  // @ts-expect-error A misspelt option.
  await optimizer.withOptimization('k', () => 1, { staleWhileRevalidating: 1 })
  expectTypeOf(new MemoryCache().get<number>('k')).toEqualTypeOf<number | undefined>()
}
