import assert from 'node:assert/strict'
import type { CacheStore } from '../cache-store.ts'
import type { ConformanceCase, SharingHarness } from './conformance-case.ts'
import { assertOvertaken, KEY, SCOPE, TOUCHES } from './overtaking.ts'

/** What stores promise besides that share a file or a server: what one has done, the other one sees. */
export const sharingCases: readonly ConformanceCase<SharingHarness>[] = [
  pairCase('what one store writes is what the next read of the other answers', async (one, other) => {
    for (const value of ['first', 'second', 'third']) {
      await one.set(KEY, value, SCOPE)
      assert.equal(await other.get(KEY, SCOPE), value)
      // Once more, from where the other may keep it.
      assert.equal(await other.get(KEY, SCOPE), value)
      assert.deepEqual(await other.getMany([KEY], SCOPE), new Map([[KEY, value]]))
    }
    await one.setMany([[KEY, 'fourth']], SCOPE)
    assert.deepEqual(await other.getMany([KEY], SCOPE), new Map([[KEY, 'fourth']]))
    assert.equal(await other.has(KEY, SCOPE), true)
  }),

  pairCase('two stores may write the same key in turn', async (one, other) => {
    for (let turn = 0; turn < 4; turn += 1) {
      const [writer, reader] = turn % 2 === 0 ? [one, other] : [other, one]
      await writer.set(KEY, turn, SCOPE)
      assert.equal(await reader.get(KEY, SCOPE), turn)
      assert.equal(await writer.get(KEY, SCOPE), turn)
    }
    assert.equal((await one.getStats()).entryCount, 1)
  }),

  ...Object.entries(TOUCHES).flatMap(([how, touch]) => [
    pairCase(`a load through one store that ${how} of the other overtook is not stored`, async (one, other) => {
      await one.set(KEY, 'old', { ...SCOPE, tags: ['project'] })
      await one.get(KEY, SCOPE)
      await assertOvertaken(one, () => touch(other))
    }),
    pairCase(`after ${how} of one store both answer the same`, async (one, other) => {
      await other.set(KEY, 'old', { ...SCOPE, tags: ['project'] })
      assert.equal(await one.get(KEY, SCOPE), 'old')
      await touch(other)
      assert.equal(await one.get(KEY, SCOPE), await other.get(KEY, SCOPE))
      assert.equal(await one.has(KEY, SCOPE), (await other.getMany([KEY], SCOPE)).has(KEY))
    }),
  ]),

  pairCase('a store that is closed leaves the other as it is', async (one, other) => {
    await one.set(KEY, 'kept', SCOPE)
    await one.close()
    assert.equal(await other.get(KEY, SCOPE), 'kept')
    await other.set(KEY, 'newer', SCOPE)
    assert.equal(await other.get(KEY, SCOPE), 'newer')
  }),
]

/** Tries a promise on two stores of its own, which are closed afterwards. */
function pairCase(
  name: string,
  check: (one: CacheStore, other: CacheStore) => Promise<void>,
): ConformanceCase<SharingHarness> {
  return {
    name,
    async run(harness) {
      const [first, second] = await harness.createPair({})
      await using one = first
      await using other = second
      await check(one, other)
    },
  }
}
