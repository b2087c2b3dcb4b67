import type { HttpClient } from './http-client.ts'

/** What all requests to one host, by one client, have in common. */
export class HostBucket {
  /** Nothing is sent before this time, as `performance.now()` counts. */
  pausedUntil = 0

  /** Never shortens a pause. */
  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until)
  }
}

const bucketsOfClients = new WeakMap<HttpClient, Map<string, HostBucket>>()

/** The bucket of an endpoint: one for all that is relative, and one for each foreign origin. */
export function bucketOf(client: HttpClient, endpoint: string): HostBucket {
  let buckets = bucketsOfClients.get(client)
  if (buckets === undefined) {
    buckets = new Map()
    bucketsOfClients.set(client, buckets)
  }
  const origin = foreignOrigin(client, endpoint)
  let bucket = buckets.get(origin)
  if (bucket === undefined) {
    bucket = new HostBucket()
    buckets.set(origin, bucket)
  }
  return bucket
}

function foreignOrigin({ baseUrl }: HttpClient, endpoint: string): string {
  if (endpoint.startsWith('/') || !/^[a-z][a-z\d+.-]*:/i.test(endpoint) || !URL.canParse(endpoint)) return ''
  const { origin } = new URL(endpoint)
  return baseUrl !== undefined && URL.canParse(baseUrl) && new URL(baseUrl).origin === origin ? '' : origin
}
