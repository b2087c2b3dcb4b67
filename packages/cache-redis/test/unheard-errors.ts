import { isCacheError } from '@x/core'

import { RedisCache } from '../src/index.ts'

const cache = new RedisCache({ url: `unix://${process.argv[2] ?? ''}`, commandTimeout: 50 })
const value = await cache.get('k')
const stored = await cache.set('k', 1)
const failure = await cache.delete('k').catch((error: unknown) => (isCacheError(error) ? error.code : error))
const loaded = await cache.getOrSet('k', () => 'loaded')
await cache.close()
process.stdout.write(`${String(value)} ${stored} ${String(failure)} ${loaded}\n`)
