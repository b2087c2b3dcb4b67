import assert from 'node:assert/strict'
import type { CacheStore } from '../cache-store.ts'
import { richCodec } from '../rich-codec.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { storeCase } from './store-case.ts'

interface Issue {
  title: string
  labels: string[]
  reporter: { name: string }
}

/** Nobody can change what is stored but by storing, and the codec that was given decides what is kept. */
export const privateValueCases: readonly ConformanceCase[] = [
  storeCase('changing a value after it was given changes nothing stored', async (store) => {
    const [one, many] = [newIssue(), newIssue()]
    await store.set('one', one)
    await store.setMany([['many', many]])
    for (const given of [one, many]) changeIssue(given)
    await assertUnchanged(store)
  }),

  storeCase('changing a value that get() gave changes nothing stored', async (store) => {
    await store.set('one', newIssue())
    await store.set('many', newIssue())
    attempt(await store.get<Issue>('one'), changeIssue)
    await assertUnchanged(store)
    attempt(await store.get<Issue>('one'), changeIssue)
    await assertUnchanged(store)
  }),

  storeCase('changing what getMany() gave changes nothing stored', async (store) => {
    await store.set('one', newIssue())
    await store.set('many', newIssue())
    const got = await store.getMany<Issue>(['one', 'many'])
    for (const issue of got.values()) attempt(issue, changeIssue)
    attempt(got, (map) => {
      map.clear()
    })
    await assertUnchanged(store)
  }),

  storeCase(
    'richCodec() keeps what JSON cannot, also from one who changes it',
    async (store) => {
      await store.set('key', newRecord())
      for (let attempts = 0; attempts < 2; attempts += 1) {
        const got = await store.get<ReturnType<typeof newRecord>>('key')
        assert.deepEqual(got, newRecord())
        attempt(got, ({ byName }) => byName.set('late', 0n))
        attempt(got, ({ labels }) => labels.delete('a'))
        attempt(got, ({ when }) => when.setTime(1))
        attempt(got, ({ bytes }) => bytes.fill(0))
      }
      assert.deepEqual(await store.get('key'), newRecord())
      assert.deepEqual((await store.getMany(['key'])).get('key'), newRecord())
    },
    { codec: richCodec() },
  ),
]

function newIssue(): Issue {
  return { title: 'stored', labels: ['a'], reporter: { name: 'kim' } }
}

function newRecord() {
  return {
    when: new Date(0),
    byName: new Map([['kim', 1n]]),
    labels: new Set(['a']),
    bytes: Uint8Array.of(1, 2),
    none: undefined,
    limit: Number.POSITIVE_INFINITY,
  }
}

function changeIssue(issue: Issue): void {
  issue.labels.push('b')
  issue.reporter.name = 'lee'
  issue.title = 'changed'
}

/** A frozen value refuses the change by throwing, which is as good as one that is not shared. */
function attempt<T>(value: T | undefined, change: (value: T) => unknown): void {
  assert.notEqual(value, undefined)
  try {
    change(value as T)
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'TypeError', String(error))
  }
}

async function assertUnchanged(store: CacheStore): Promise<void> {
  assert.deepEqual(await store.get('one'), newIssue())
  assert.deepEqual(
    await store.getMany(['one', 'many']),
    new Map([
      ['one', newIssue()],
      ['many', newIssue()],
    ]),
  )
}
