import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('AsyncSharedCall over one SQLite file', () => {
  it('runs once among processes, and has one successor when the one that runs is killed', async () => {
    const folder = temporaryFolder()
    const [path, journal] = [`${folder}/cache.db`, `${folder}/journal`]
    writeFileSync(journal, '')
    const victim = startProcess('shared-call-worker.ts', { path, journal, waitsFor: 1_000 })
    await once(victim.child.stdout ?? victim.child, 'data')
    victim.child.kill('SIGKILL')
    await victim.ended
    writeFileSync(journal, '')
    const workers = [1, 2, 3, 4].map(() => startProcess('shared-call-worker.ts', { path, journal, waitsFor: 4 }))
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    const runs = readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('runs'))
    expect(runs).toHaveLength(1)
    const [pid] = runs.map((line) => line.split(' ')[1] ?? '')
    expect(workers.map(({ output }) => output().replace('runs\n', ''))).toEqual(Array(4).fill(`{"pid":${pid ?? ''}}`))
  }, 60_000)
})
