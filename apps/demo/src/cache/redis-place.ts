/** Whether a place is in Redis, and not a file. */
export function isRedisPlace(place: string): boolean {
  return /^(redis$|(rediss?|unix):)/.test(place)
}

/** An address that may be shown. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}
