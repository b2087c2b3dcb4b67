import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { JIRA_TTLS } from '@x/cache-sqlite'

import { cacheFolder } from '../cli/user-folder.ts'
import { type CachePurpose } from './open-cache.ts'

/** What was read of a Jira site as one account sees it: others may see more, or less. */
export function jiraCachePurpose({
  url,
  email,
}: {
  readonly url: string
  readonly email: string | undefined
}): CachePurpose {
  const { host } = new URL(url)
  const account = createHash('sha256')
    .update(JSON.stringify([url, email]))
    .digest('hex')
    .slice(0, 12)
  const name = `${host.replace(/[^\w.-]/g, '-')}-${account}`
  return {
    path: join(cacheFolder(), 'x', 'jira', `${name}.sqlite`),
    namespace: `x-demo:jira:${name}`,
    maxSizeBytes: 100 * 1024 ** 2,
    defaultTtl: '5m',
    onFailure: 'miss',
    categories: Object.fromEntries(Object.entries(JIRA_TTLS).map(([category, ttl]) => [category, { ttl }])),
  }
}
