import { type ScanCost } from '@x/github-batch'

import { countText, sizeText } from '../output/count-text.ts'

/** What a scan asked for, and what it did not have to ask for. */
export function costText({ requests, restPoints, graphqlPoints, bytes, cacheHits }: ScanCost): string {
  return (
    `${countText(requests, 'request')} (${countText(restPoints, 'REST point')}, ${countText(graphqlPoints, 'GraphQL point')}), ` +
    `${sizeText(bytes)}, ${countText(cacheHits, 'answer')} from the cache.`
  )
}
