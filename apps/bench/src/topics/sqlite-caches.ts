import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import KeyvSqlite from '@keyv/sqlite'
import { SqliteCache, type SqliteCacheOptions } from '@x/cache-sqlite'
import { BentoCache, bentostore } from 'bentocache'
import { knexDriver } from 'bentocache/drivers/knex'
import BetterSqlite3 from 'better-sqlite3'
import cacache from 'cacache'
import Keyv from 'keyv'
import knex from 'knex'
import { cacheStores } from 'undici'
import { createStorage, type Driver } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'

import { type Contestant } from '../benchmark.ts'

export const OURS = '@x/cache-sqlite'
export const OURS_HOT = '@x/cache-sqlite, hot'
export const OURS_STALE = '@x/cache-sqlite, maxStale 5 ms'
export const RAW = 'better-sqlite3 statements'
export const UNDICI = 'undici SqliteCacheStore'

/** A key and its value. */
export type Entry = readonly [key: string, value: unknown]

/** What every cache here does; where it can answer at once, also so. */
export interface CacheUnderTest {
  readonly get: (key: string) => Promise<unknown>
  readonly getSync?: (key: string) => unknown
  readonly set: (key: string, value: unknown) => Promise<unknown>
  readonly setSync?: (key: string, value: unknown) => void
  /** How many there were. */
  readonly getMany: (keys: readonly string[]) => Promise<number>
  readonly setMany: (entries: readonly Entry[]) => Promise<unknown>
  readonly deleteMany: (keys: readonly string[]) => Promise<void>
  /** Stores many before anything is measured, where there is a quicker way than `setMany`. */
  readonly fill?: (entries: readonly Entry[]) => Promise<unknown>
}

/** Values whose JSON has about 2 KB: a thousand, for any number of keys, as a large heap would slow all of them down alike. */
const VALUES = Array.from({ length: 1_000 }, (_, id) => valueOf(id, 'Open'))
/** Others of the same sizes. */
const CHANGED_VALUES = Array.from({ length: 1_000 }, (_, id) => valueOf(id, 'Done'))

/** A key with this prefix, and its value. */
export function entryOf(prefix: string, id: number): Entry {
  return [`${prefix}-${id}`, VALUES[id % VALUES.length]]
}

/** Another value for what `entryOf` made, of the same size. */
export function changedEntry(key: string): Entry {
  return [key, CHANGED_VALUES[Number(key.slice(key.lastIndexOf('-') + 1)) % CHANGED_VALUES.length]]
}

/** As an API would answer: short strings, numbers, nested lists. */
function valueOf(id: number, status: 'Open' | 'Done'): unknown {
  const comments = Array.from({ length: 12 }, (_, index) => ({
    id: id * 100 + index,
    author: `user-${(id + index) % 97}`,
    body: 'It happens on every second request, but not in the morning; see the log of the proxy for more. ',
    votes: (id * index) % 13,
  }))
  return { id, key: `PROJ-${id}`, fields: { summary: `Issue ${id}`, status: { name: status }, comments } }
}

/** Goes with the process. */
export const folder: string = mkdtempSync(join(tmpdir(), 'bench-sqlite-'))
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})

/** For those that have no call for many. */
function one(
  parts: Pick<CacheUnderTest, 'get' | 'set'> & { readonly delete: (key: string) => Promise<unknown> },
): CacheUnderTest {
  return {
    ...parts,
    getMany: async (keys) => (await Promise.all(keys.map(parts.get))).filter((value) => value !== undefined).length,
    setMany: async (entries) => {
      for (const [key, value] of entries) await parts.set(key, value)
    },
    deleteMany: async (keys) => {
      for (const key of keys) await parts.delete(key)
    },
  }
}

function openOurs(place: string, options: Partial<SqliteCacheOptions> = {}): CacheUnderTest {
  const cache = new SqliteCache({ path: `${place}.db`, maxSizeBytes: 1_000_000_000, ...options })
  const getSync = (key: string): unknown => cache.get(key)
  const setSync = (key: string, value: unknown): boolean => cache.set(key, value, { ttl: '1h' })
  return {
    getSync,
    setSync,
    get: (key) => Promise.resolve(getSync(key)),
    set: (key, value) => Promise.resolve(setSync(key, value)),
    getMany: (keys) => Promise.resolve(cache.getMany(keys).size),
    setMany: (entries) => Promise.resolve(cache.setMany(entries, { ttl: '1h' })),
    deleteMany: (keys) => {
      cache.deleteMany(keys)
      return Promise.resolve()
    },
  }
}

function openRaw(place: string): CacheUnderTest {
  const database = new BetterSqlite3(`${place}.db`)
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'cache_size = -65536']) database.pragma(pragma)
  database.exec(`
    CREATE TABLE entries (id INTEGER PRIMARY KEY, category INTEGER, key TEXT, expires_at INTEGER, value TEXT);
    CREATE UNIQUE INDEX entries_by_key ON entries (category, key)`)
  type Row = readonly [expiresAt: number, value: string]
  const select = database
    .prepare<[number, string], Row>('SELECT expires_at, value FROM entries WHERE category = ? AND key = ?')
    .raw()
  const selectMany = database
    .prepare<[number, string], readonly [string, ...Row]>(
      'SELECT key, expires_at, value FROM entries WHERE category = ? AND key IN (SELECT value FROM json_each(?))',
    )
    .raw()
  const upsert = database.prepare<[number, string, number, string]>(
    `INSERT INTO entries (category, key, expires_at, value) VALUES (?, ?, ?, ?)
     ON CONFLICT (category, key) DO UPDATE SET expires_at = excluded.expires_at, value = excluded.value`,
  )
  const remove = database.prepare<[number, string]>('DELETE FROM entries WHERE category = ? AND key = ?')
  const getSync = (key: string): unknown => {
    const row = select.get(1, key)
    return row === undefined || row[0] <= Date.now() ? undefined : JSON.parse(row[1])
  }
  const setSync = (key: string, value: unknown): void => {
    upsert.run(1, key, Date.now() + 3_600_000, JSON.stringify(value))
  }
  const setAll = database.transaction((entries: readonly Entry[]) => {
    for (const [key, value] of entries) setSync(key, value)
  })
  return {
    getSync,
    setSync,
    get: (key) => Promise.resolve(getSync(key)),
    set: (key, value) => {
      setSync(key, value)
      return Promise.resolve()
    },
    getMany: (keys) => {
      const found = new Map<string, unknown>()
      for (const [key, expiresAt, value] of selectMany.all(1, JSON.stringify(keys))) {
        if (expiresAt > Date.now()) found.set(key, JSON.parse(value))
      }
      return Promise.resolve(found.size)
    },
    setMany: (entries) => {
      setAll(entries)
      return Promise.resolve()
    },
    deleteMany: (keys) => {
      for (const key of keys) remove.run(1, key)
      return Promise.resolve()
    },
  }
}

function openUndici(place: string): CacheUnderTest {
  const store = new cacheStores.SqliteCacheStore({ location: `${place}.db` })
  const request = (key: string): { origin: string; path: string; method: string } => ({
    origin: 'http://localhost',
    path: `/${key}`,
    method: 'GET',
  })
  return one({
    get: async (key) => {
      const found = await store.get(request(key))
      const body = found?.body as Buffer | undefined
      return body === undefined ? undefined : (JSON.parse(body.toString()) as unknown)
    },
    set: async (key, value) => {
      const now = Date.now()
      const times = { cachedAt: now, staleAt: now + 3_600_000, deleteAt: now + 7_200_000 }
      const answer = { statusCode: 200, statusMessage: 'OK', headers: {}, ...times }
      const stream = store.createWriteStream(request(key), answer)
      if (stream === undefined) throw new Error('undici does not store.')
      const finished = once(stream, 'finish')
      stream.end(JSON.stringify(value))
      await finished
    },
    delete: async (key) => {
      await store.delete(request(key))
    },
  })
}

function openBentocache(place: string): CacheUnderTest {
  const connection = knex({
    client: 'better-sqlite3',
    connection: { filename: `${place}.db` },
    useNullAsDefault: true,
  })
  const cache = new BentoCache({
    default: 'file',
    stores: { file: bentostore().useL2Layer(knexDriver({ connection })) },
  })
  const bento = one({
    get: (key) => cache.get({ key }),
    set: (key, value) => cache.set({ key, value, ttl: '1h' }),
    delete: (key) => cache.delete({ key }),
  })
  return {
    ...bento,
    // There is one connection, so all of it is one transaction.
    fill: async (entries) => {
      await bento.get('which makes its table')
      await connection.raw('BEGIN')
      await bento.setMany(entries)
      await connection.raw('COMMIT')
    },
  }
}

function openKeyv(place: string): CacheUnderTest {
  const keyv = new Keyv({ store: new KeyvSqlite({ uri: `sqlite://${place}.db` }) })
  return {
    get: (key) => keyv.get(key),
    set: (key, value) => keyv.set(key, value, 3_600_000),
    getMany: async (keys) => (await keyv.getMany([...keys])).filter((value) => value !== undefined).length,
    setMany: (entries) => keyv.setMany(entries.map(([key, value]) => ({ key, value, ttl: 3_600_000 }))),
    deleteMany: async (keys) => {
      await keyv.deleteMany([...keys])
    },
  }
}

function openCacache(place: string): CacheUnderTest {
  const cache = one({
    get: async (key) => {
      const info = (await cacache.get.info(place, key)) as unknown
      return info === null ? undefined : (JSON.parse((await cacache.get(place, key)).data.toString()) as unknown)
    },
    set: (key, value) => cacache.put(place, key, JSON.stringify(value)),
    delete: (key) => cacache.rm.entry(place, key),
  })
  return { ...cache, fill: (entries) => Promise.all(entries.map(([key, value]) => cache.set(key, value))) }
}

function openUnstorage(place: string): CacheUnderTest {
  const storage = createStorage({ driver: fsDriver({ base: place }) as Driver })
  return one({
    get: async (key) => (await storage.getItem<object>(key)) ?? undefined,
    set: (key, value) => storage.setItem(key, value as object),
    delete: (key) => storage.removeItem(key),
  })
}

const hot = { maxSizeBytes: 100_000_000 }

/** How each of them is made, in a place of its own. */
export const CACHES: readonly (Pick<Contestant, 'name' | 'role'> & {
  readonly open: (place: string) => CacheUnderTest
})[] = [
  { name: OURS, role: 'ours', open: openOurs },
  { name: OURS_HOT, role: 'ours', open: (place) => openOurs(place, { hot }) },
  { name: OURS_STALE, role: 'ours', open: (place) => openOurs(place, { hot: { ...hot, maxStale: '5ms' } }) },
  { name: RAW, role: 'limit', open: openRaw },
  { name: UNDICI, role: 'peer', open: openUndici },
  { name: 'bentocache + knex', role: 'peer', open: openBentocache },
  { name: 'keyv + @keyv/sqlite', role: 'peer', open: openKeyv },
  { name: 'cacache', role: 'peer', open: openCacache },
  { name: 'unstorage fs', role: 'peer', open: openUnstorage },
]
