import { isRedisPlace, withoutSecrets } from '../cache/redis-place.ts'

/** What `--cache` takes, for every command that has it. */
export const CACHE_OPTION_ABOUT: string =
  'Where to keep what was read: a file; redis://, rediss:// or unix:// and an address; redis for the one that REDIS_URL, or REDIS_HOST, ' +
  'REDIS_PORT, REDIS_PASSWORD and REDIS_DB name; or :memory: for nowhere.'

/** @throws Error for a text that would make a file of a place that was meant otherwise. */
export function assertCachePlace(text: string): void {
  const isMeantOtherwise = /^[\w+.-]+:\/\//.test(text)
    ? !isRedisPlace(text)
    : /^:.*:$/.test(text) && text !== ':memory:'
  if (isMeantOtherwise)
    throw new Error(
      `must be a file, redis:// and the like, redis or :memory:, not ${JSON.stringify(withoutSecrets(text))}.`,
    )
}
