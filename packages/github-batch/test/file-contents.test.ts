import { isGitHubAPIError } from '@x/core'
import { type Fault } from '@x/github-server'
import { describe, expect, it } from 'vitest'

import { blobOid, createRepository, type FileContent, type GitHubClient, type Repository } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

const WEB = createRepository('acme/web')
const API = createRepository('acme/api')
const TEXT = npmLock({ good: '1.0.0' })
const LARGE = npmLock({ good: '1.0.0' }, 600_000)
const BINARY = Buffer.from([0, 1, 2, 0xff])

function world(): Promise<ScanWorld> {
  return ScanWorld.create({
    web: {
      files: {
        'package-lock.json': TEXT,
        'large/package-lock.json': LARGE,
        'logo.bin': BINARY,
        'docs/latin.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
        'docs/empty.txt': '',
        'link.json': { linkTo: 'package-lock.json' },
        'lost.json': { linkTo: '../elsewhere' },
      },
    },
    api: { files: { 'package-lock.json': TEXT, 'README.md': '# API' } },
    empty: {},
  })
}

function operations(place: ScanWorld): string[] {
  return place.server.journal.entries.map(({ operation }) => operation).toSorted()
}

function read(
  client: GitHubClient,
  paths: readonly string[],
  repository: Repository = WEB,
): Promise<Map<string, FileContent>> {
  return client.getMultipleFileContentsParallel(repository, paths)
}

describe('getMultipleFileContentsParallel()', () => {
  it('reads every kind of file byte for byte, and leaves out what is not there', async () => {
    await using place = await world()
    const paths = [
      'package-lock.json',
      'large/package-lock.json',
      'logo.bin',
      'docs/latin.txt',
      'docs/empty.txt',
      'link.json',
      'lost.json',
      'docs',
      'nowhere.json',
      '',
    ]
    const contents = await read(place.client(), paths)
    expect(Object.fromEntries(contents)).toEqual({
      'package-lock.json': fileOf('package-lock.json', TEXT),
      'large/package-lock.json': fileOf('large/package-lock.json', LARGE),
      'logo.bin': { path: 'logo.bin', content: 'AAEC/w==', size: 4, sha: blobOid(BINARY), encoding: 'base64' },
      'docs/latin.txt': expect.objectContaining({ content: 'Y2Fm6Q==', encoding: 'base64', size: 4 }) as FileContent,
      'docs/empty.txt': fileOf('docs/empty.txt', ''),
      'link.json': fileOf('link.json', TEXT),
    })
  })

  it('asks once where the files are, and once for what they hold', async () => {
    await using place = await world()
    await read(place.client(), ['package-lock.json', 'docs/empty.txt'])
    expect(place.server.journal.summary()).toMatchObject({ requests: 2, restPoints: 0, graphqlPoints: 2 })
  })

  it('reads all paths at one commit, however many there are and whatever is pushed meanwhile', async () => {
    const before = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`f${index}.txt`, `old ${index}`]))
    const after = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`f${index}.txt`, `new ${index}`]))
    await using place = await ScanWorld.create({ web: { files: before } })
    let calls = 0
    const pushing: typeof fetch = async (input, init) => {
      calls += 1
      if (calls === 2) place.push('web', after)
      return fetch(input, init)
    }
    const contents = await read(place.client({ fetch: pushing }), Object.keys(before))
    expect(contents.size).toBe(250)
    expect([...contents.values()].filter(({ content }) => content.startsWith('new'))).toEqual([])
  })

  it('finds all of more paths than a query takes, where the answer leaves their repository out', async () => {
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}.txt`, `text ${index}`]))
    await using place = await ScanWorld.create({ web: { files } })
    const leftOut = { kind: 'nullAliases', pattern: /^r0$/, type: 'SERVICE_UNAVAILABLE', message: 'Not now.' } as const
    place.server.setFaults([{ on: { operation: 'graphql' }, times: 1, do: leftOut }])
    const contents = await read(place.client(), Object.keys(files))
    expect([...contents.keys()]).toEqual(Object.keys(files))
  })

  it('reads the branch that the repository names', async () => {
    await using place = await world()
    const named = { ...WEB, defaultBranch: 'main' }
    expect((await read(place.client(), ['docs/empty.txt'], named)).size).toBe(1)
    const error = await read(place.client(), ['docs/empty.txt'], { ...WEB, defaultBranch: 'gone' }).catch(
      (e: unknown) => e,
    )
    expect(isGitHubAPIError(error, 422)).toBe(true)
  })

  it('finds nothing in an empty repository, and fails for one that does not exist', async () => {
    await using place = await world()
    expect(await read(place.client(), ['a.txt'], createRepository('acme/empty'))).toEqual(new Map())
    const error = await read(place.client(), ['a.txt'], createRepository('acme/nowhere')).catch((e: unknown) => e)
    expect(isGitHubAPIError(error, 404)).toBe(true)
  })

  it('asks nothing for no paths', async () => {
    await using place = await world()
    expect(await read(place.client(), [])).toEqual(new Map())
    expect(operations(place)).toEqual([])
  })

  it('works by REST alone', async () => {
    await using place = await ScanWorld.create(
      { web: { files: { 'a.txt': 'a', 'b/c.txt': 'c', 'l.txt': { linkTo: 'b/c.txt' } } } },
      { graphql: false },
    )
    const named = { ...WEB, defaultBranch: 'main' }
    const contents = await read(place.client(), ['a.txt', 'b/c.txt', 'l.txt', 'none.txt'], named)
    expect([...contents.values()].map(({ path, content }) => [path, content])).toEqual([
      ['a.txt', 'a'],
      ['b/c.txt', 'c'],
      ['l.txt', 'c'],
    ])
  })

  it('finds paths, and what links lead to, in a tree that is not listed whole', async () => {
    const noise = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`docs/page-${index}/text.md`, '']))
    const files = { ...noise, 'zone/a/b/c.txt': 'deep', 'top/link.txt': { linkTo: '../zone/a/b/c.txt' } }
    await using place = await ScanWorld.create({ web: { files, treeEntryLimit: 30 } }, { graphql: false })
    const contents = await read(place.client(), ['zone/a/b/c.txt', 'top/link.txt', 'zone/none.txt'])
    expect([...contents.values()].map(({ content }) => content)).toEqual(['deep', 'deep'])
  })

  it.each<[string, Fault]>([
    ['502', { on: { operation: 'graphql' }, do: { kind: 'status', status: 502 } }],
    ['a cut connection', { on: { operation: 'graphql' }, times: 2, do: { kind: 'cut', afterBytes: 20 } }],
    [
      'errors instead of data',
      { on: { operation: 'graphql' }, do: { kind: 'graphqlErrors', errors: [{ message: 'Something went wrong.' }] } },
    ],
    [
      'paths that cannot be resolved',
      {
        on: { operation: 'graphql' },
        do: { kind: 'nullAliases', pattern: /^f\d+$/, type: 'INTERNAL', message: 'Timeout.' },
      },
    ],
    [
      'a repository that cannot be resolved',
      {
        on: { operation: 'graphql' },
        do: { kind: 'nullAliases', pattern: /^r\d+$/, type: 'NOT_FOUND', message: 'No.' },
      },
    ],
    ['a throttle', { on: {}, times: 2, do: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } }],
  ])('is not misled by %s', async (_, fault) => {
    await using place = await world()
    place.server.setFaults([fault])
    const contents = await read(place.client(), ['package-lock.json', 'docs/empty.txt', 'nowhere.json'])
    expect(Object.fromEntries(contents)).toEqual({
      'package-lock.json': fileOf('package-lock.json', TEXT),
      'docs/empty.txt': fileOf('docs/empty.txt', ''),
    })
  })

  it('fails rather than leave out what it cannot read', async () => {
    await using place = await world()
    place.server.setFaults([
      { on: { operation: 'graphql', body: /isTruncated/ }, do: { kind: 'status', status: 500 } },
      { on: { operation: 'blob' }, do: { kind: 'status', status: 403 } },
    ])
    const error = await read(place.client(), ['package-lock.json']).catch((e: unknown) => e)
    expect(isGitHubAPIError(error, 403)).toBe(true)
  })

  it('stops when it is told to', async () => {
    await using place = await world()
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(place.client().getMultipleFileContentsParallel(WEB, ['a'], { signal })).rejects.toBe(reason)
  })

  it('refuses a concurrency that is none', async () => {
    await using place = await world()
    await expect(place.client().getMultipleFileContentsParallel(WEB, ['a'], { maxConcurrent: 0 })).rejects.toThrow(
      new RangeError('maxConcurrent must be a whole number from 1 to 100, not 0.'),
    )
  })
})

describe('getCrossRepoFileContents()', () => {
  it('reads many repositories in as few requests as one, and what they share once', async () => {
    await using place = await world()
    const wanted = new Map([
      [WEB, ['package-lock.json', 'docs/empty.txt', 'nowhere.json']],
      [API, ['package-lock.json', 'README.md']],
      [createRepository('acme/empty'), ['a.txt']],
    ])
    const contents = await place.client().getCrossRepoFileContents(wanted)
    expect([...contents].map(([name, files]) => [name, [...files.keys()]])).toEqual([
      ['acme/web', ['package-lock.json', 'docs/empty.txt']],
      ['acme/api', ['package-lock.json', 'README.md']],
      ['acme/empty', []],
    ])
    // GraphQL names no commit of the empty repository: REST is asked whether it is one.
    expect(operations(place)).toEqual(['commit', 'graphql', 'graphql'])
  })

  it('takes a repository twice, but refuses two revisions of it: the answer could not tell them apart', async () => {
    await using place = await world()
    const client = place.client()
    const contents = await client.getCrossRepoFileContents([
      [WEB, ['package-lock.json']],
      [createRepository('acme/web'), ['docs/empty.txt']],
    ])
    expect([...(contents.get('acme/web')?.keys() ?? [])]).toEqual(['package-lock.json', 'docs/empty.txt'])
    place.server.journal.clear()
    const both = client.getCrossRepoFileContents([
      [WEB, ['package-lock.json']],
      [createRepository('acme/web', { defaultBranch: 'next' }), ['package-lock.json']],
    ])
    await expect(both).rejects.toThrow(
      new TypeError('Two revisions of acme/web: HEAD and refs/heads/next. Ask for each in a call of its own.'),
    )
    expect(operations(place)).toEqual([])
  })
})

describe('listRepositories()', () => {
  it.each(['Organization', 'User'] as const)('lists all of an owner of type %s, page by page', async (ownerType) => {
    const plans = Object.fromEntries(
      Array.from({ length: 230 }, (_, index) => [`r${index}`, { files: { a: '' }, ownerType, archived: index === 7 }]),
    )
    await using place = await ScanWorld.create(plans)
    const found = await collect(place.client().listRepositories('acme'))
    expect(found).toHaveLength(230)
    expect(found[7]).toEqual({
      name: 'r7',
      fullName: 'acme/r7',
      owner: 'acme',
      defaultBranch: 'main',
      private: false,
      archived: true,
      fork: false,
      pushedAt: '2026-01-02T03:04:05Z',
    })
    expect(operations(place)).toHaveLength(ownerType === 'User' ? 4 : 3)
  })

  it('names an owner that does not exist', async () => {
    await using place = await world()
    const error = await collect(place.client().listRepositories('nobody')).catch((e: unknown) => e)
    expect(isGitHubAPIError(error, 404)).toBe(true)
  })

  it('does not take the token to another server', async () => {
    await using place = await world()
    const answer = Response.json([], { headers: { link: '<https://elsewhere.example/repos?page=2>; rel="next"' } })
    const client = place.client({ fetch: () => Promise.resolve(answer) })
    await expect(collect(client.listRepositories('acme'))).rejects.toThrow('on another server')
  })
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function fileOf(path: string, content: string): FileContent {
  const bytes = Buffer.from(content)
  return { path, content, size: bytes.byteLength, sha: blobOid(bytes), encoding: 'utf-8' }
}
