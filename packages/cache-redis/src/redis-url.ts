const DEFAULT_HOST = 'localhost'
const DEFAULT_PORT = '6379'
const DEFAULT_DB = '0'
const PROTOCOLS = ['redis:', 'rediss:', 'unix:']

/**
 * Where Redis is, as the environment says: `REDIS_URL` as it is (`rediss:` for TLS), else made of `REDIS_HOST`
 * (`localhost`), `REDIS_PORT` (6379), `REDIS_PASSWORD` (none; any characters) and `REDIS_DB` (0). An empty variable is an
 * absent one.
 *
 * @throws RangeError for a port or a database that is no number of one.
 */
export function redisUrlFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const read = (name: string, fallback: string): string => {
    const text = env[name]
    return text === undefined || text === '' ? fallback : text
  }
  const url = read('REDIS_URL', '')
  if (url !== '') return url
  const host = read('REDIS_HOST', DEFAULT_HOST)
  const port = readInteger('REDIS_PORT', read('REDIS_PORT', DEFAULT_PORT), 65_535)
  const db = readInteger('REDIS_DB', read('REDIS_DB', DEFAULT_DB), Number.MAX_SAFE_INTEGER)
  const password = read('REDIS_PASSWORD', '')
  const credentials = password === '' ? '' : `:${encodeURIComponent(password)}@`
  return `redis://${credentials}${host.includes(':') ? `[${host}]` : host}:${port}/${db}`
}

/**
 * Checks where Redis is said to be. What ioredis does not know it takes for a socket's path or a host's name.
 *
 * @throws TypeError for what is no address of Redis. The message leaves the address out: it may have a password.
 */
export function readRedisUrl(url: string): string {
  if (typeof url === 'string' && PROTOCOLS.includes(URL.parse(url)?.protocol ?? '')) return url
  throw new TypeError(
    'Not the URL of a Redis. Give redis://[user:password@]host[:port][/db], rediss://… for TLS, or unix:///path.',
  )
}

function readInteger(name: string, text: string, max: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= max) return number
  throw new RangeError(`Not a value of ${name}: ${JSON.stringify(text)}. Give an integer from 0 to ${max}.`)
}
