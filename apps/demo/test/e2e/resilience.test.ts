import { once } from 'node:events'
import { join } from 'node:path'

import { type ScanResult } from '@x/github-batch'
import { findRedisServer, startRedisServer } from '@x/redis-server'
import { beforeAll, describe, expect, it } from 'vitest'

import { nobodysUrl, useLocalGitHub } from './local-github.ts'
import { runProgram, startProgram } from './run-program.ts'

const github = useLocalGitHub()

function scanWith(cache: string, ...more: readonly string[]): string[] {
  return ['scan', '--org', 'acme', '--api-url', github.server.url, '--cache', cache, '--format', 'json', ...more]
}

type Essence = Pick<ScanResult, 'findings' | 'ledger' | 'complete'>

/** What a scan that nothing disturbs finds. */
let expected: Essence
beforeAll(async () => {
  expected = essence((await runProgram(scanWith(':memory:'), github.withToken)).stdout)
})

function essence(stdout: string): Essence {
  const { findings, ledger, complete } = JSON.parse(stdout) as ScanResult
  return { findings, ledger, complete }
}

/** Settles when the server answers the so-many-th request that matches; those after it never get an answer. */
function hangAfter(count: number): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const rewrite = (body: Buffer): Buffer => {
    resolve(undefined)
    return body
  }
  github.server.setFaults([
    { on: {}, skip: count - 1, times: 1, do: { kind: 'rewrite', rewrite } },
    { on: {}, skip: count - 1, do: { kind: 'hang' } },
  ])
  return promise
}

describe('two scans at once on one cache', () => {
  it('are both right, also when one of them is killed in the middle', async () => {
    const cache = join(github.folder, 'shared.sqlite')
    const answered = hangAfter(2)
    const killed = startProgram(scanWith(cache), github.withToken)
    await answered
    github.server.setFaults([])
    const others = [0, 1].map(() => startProgram(scanWith(cache), github.withToken))
    killed.child.kill('SIGKILL')
    expect((await killed.ended).code).toBeNull()
    for (const { ended } of others) {
      const { code, stdout } = await ended
      expect(code).toBe(5)
      expect(essence(stdout)).toEqual(expected)
    }
    const again = await runProgram(scanWith(cache), github.withToken)
    expect(essence(again.stdout)).toEqual(expected)
  })
})

describe.skipIf(findRedisServer() === undefined)('with Redis', () => {
  it('finds in it what another process has put there', async () => {
    await using redis = await startRedisServer()
    const cold = await runProgram(scanWith(redis.url), github.withToken)
    const warm = await runProgram(scanWith(redis.url), github.withToken)
    expect(essence(warm.stdout)).toEqual(essence(cold.stdout))
    expect((JSON.parse(warm.stdout) as ScanResult).cost.requests).toBeLessThanOrEqual(1)
  })

  it('goes on without it, and says so, when it is down at the start', async () => {
    const place = (await nobodysUrl()).replace('http:', 'redis:')
    const { code, stdout, stderr } = await runProgram(scanWith(place), github.withToken)
    expect(code).toBe(5)
    expect(essence(stdout)).toEqual(expected)
    expect(stderr.split('\n').filter((line) => line.startsWith('The cache fails'))).toHaveLength(1)
  })

  it('goes on without it, and says so, when it is killed in the middle', async () => {
    await using redis = await startRedisServer()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const rewrite = (body: Buffer): Buffer => {
      resolve(undefined)
      return body
    }
    github.server.setFaults([
      { on: {}, times: 1, do: { kind: 'rewrite', rewrite } },
      { on: {}, times: 1, do: { kind: 'delay', ms: 500 } },
    ])
    const { ended } = startProgram(scanWith(redis.url), github.withToken)
    await promise
    await redis.kill()
    const { code, stdout, stderr } = await ended
    expect(code).toBe(5)
    expect(essence(stdout)).toEqual(expected)
    expect(stderr.split('\n').filter((line) => line.startsWith('The cache fails'))).toHaveLength(1)
  })
})

describe('jira with Redis', () => {
  it('asks Jira instead, and says so, when it is down', async () => {
    const place = (await nobodysUrl()).replace('http:', 'redis:')
    const { code, stdout, stderr } = await runProgram(['jira', 'issues', 'PAY-1', '--try', '--cache', place])
    expect(code).toBe(0)
    expect(stdout).toContain('PAY-1')
    expect(stderr.split('\n').filter((line) => line.startsWith('The cache fails'))).toHaveLength(1)
  })
})

describe('serve', () => {
  it('prints what to set, serves until Ctrl-C, and ends well', async () => {
    for (const [serve, words, variables] of [
      [['github'], ['scan', '--org', 'acme', '--cache', ':memory:', '--fail-on', 'never'], pairsOf],
      [['jira', '--json'], ['jira', 'issues', 'PAY-1', '--cache', ':memory:'], JSON.parse],
    ] as const) {
      const { child, ended } = startProgram(['serve', ...serve])
      const [line] = (await once(child.stdout ?? child, 'data')) as [string]
      const env = variables(line) as Record<string, string>
      expect(await runProgram(words, { env })).toMatchObject({ code: 0 })
      child.kill('SIGINT')
      expect((await ended).code).toBe(0)
    }
  })
})

/** What a line for the shell sets. */
function pairsOf(line: string): unknown {
  const pairs = line.trim().replace('export ', '').split(' ')
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))
}
