import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { pushCommit } from '../src/fixture/build-repository.ts'
import { runGit } from '../src/fixture/run-git.ts'
import { get, json, scratchServer, TOKEN } from './scratch.ts'

interface Tree {
  sha: string
  truncated: boolean
  tree: { path: string; mode: string; type: string; sha: string; size?: number }[]
}

const FILES = {
  'package.json': '{}',
  'a.txt': 'a',
  'a/b/deep.txt': 'deep',
  'a/z.txt': 'zz',
  'run.sh': { executable: '#!/bin/sh\n' },
  link: { linkTo: 'a/z.txt' },
  'größe #1.txt': 'ü',
}

describe('trees', () => {
  test('a recursive tree is what git ls-tree prints, in its order', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const { tree, truncated } = await json<Tree>(get(server, '/repos/acme/one/git/trees/main?recursive=1'))
    const printed = tree.map(({ mode, type, sha, size, path }) => `${mode} ${type} ${sha} ${size ?? '-'}\t${path}`)
    const gitDir = records[0]?.gitDir ?? ''
    const format = '--format=%(objectmode) %(objecttype) %(objectname) %(objectsize)%x09%(path)'
    expect(printed.join('\0')).toBe(
      (await runGit(gitDir, ['-c', 'core.quotePath=false', 'ls-tree', '-r', '-t', '-z', format, 'main'])).replace(
        /\0$/,
        '',
      ),
    )
    expect(truncated).toBe(false)
  })

  test('a tree is found by tree, commit, branch and tag, and is not recursive unless asked', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const gitDir = records[0]?.gitDir ?? ''
    await runGit(gitDir, ['-c', 'user.name=T', '-c', 'user.email=t@example', 'tag', '-a', 'v1', '-m', 'v1', 'main'])
    const commit = await runGit(gitDir, ['rev-parse', 'main'])
    const oid = await runGit(gitDir, ['rev-parse', 'main^{tree}'])
    for (const name of [oid, commit, 'main', 'v1', 'HEAD', commit.slice(0, 8)]) {
      const { sha, tree } = await json<Tree>(get(server, `/repos/acme/one/git/trees/${name}`))
      expect(sha, name).toBe(oid)
      expect(tree.map(({ path }) => path)).toEqual(['a.txt', 'a', 'größe #1.txt', 'link', 'package.json', 'run.sh'])
    }
  })

  test('a recursive tree is cut at the limit of entries and says so; its subtrees are not', async () => {
    const { server } = await scratchServer(
      { one: { files: FILES }, two: { files: FILES, treeEntryLimit: 8 } },
      { treeEntryLimit: 3 },
    )
    const cut = await json<Tree>(get(server, '/repos/acme/one/git/trees/main?recursive=1'))
    expect(cut.tree.map(({ path }) => path)).toEqual(['a.txt', 'a', 'a/b'])
    expect(cut.truncated).toBe(true)
    const plain = await json<Tree>(get(server, '/repos/acme/one/git/trees/main'))
    expect(plain.tree).toHaveLength(6)
    expect(plain.truncated).toBe(false)
    const own = await json<Tree>(get(server, '/repos/acme/two/git/trees/main?recursive=0'))
    expect(own.tree).toHaveLength(8)
    expect(own.truncated).toBe(true)
  })

  test('a tree with as many entries as the limit is whole', async () => {
    const { server } = await scratchServer({ one: { files: FILES } }, { treeEntryLimit: 9 })
    const { tree, truncated } = await json<Tree>(get(server, '/repos/acme/one/git/trees/main?recursive=1'))
    expect({ entries: tree.length, truncated }).toEqual({ entries: 9, truncated: false })
  })

  test('a recursive tree is cut at the limit of bytes', async () => {
    const { server } = await scratchServer({ one: { files: FILES } }, { treeByteLimit: 500 })
    const { tree, truncated } = await json<Tree>(get(server, '/repos/acme/one/git/trees/main?recursive=1'))
    expect(truncated).toBe(true)
    expect(JSON.stringify(tree).length).toBeLessThanOrEqual(500)
  })

  test('a submodule is an entry of type commit without a size', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const gitDir = records[0]?.gitDir ?? ''
    const input = Buffer.from(`160000 commit ${'1'.repeat(40)}\tmodule\n`)
    const oid = await runGit(gitDir, ['mktree', '--missing'], input)
    const { tree } = await json<Tree>(get(server, `/repos/acme/one/git/trees/${oid}?recursive=1`))
    expect(tree).toEqual([{ path: 'module', mode: '160000', type: 'commit', sha: '1'.repeat(40) }])
  })

  test('a push is seen by name at once', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    await json(get(server, '/repos/acme/one/git/trees/main'))
    const commit = { branch: 'main', message: 'Second', date: '2026-11-02T10:00:00Z', files: { 'new.txt': 'new' } }
    const { head } = await pushCommit(records[0]?.gitDir ?? '', commit)
    const { tree } = await json<Tree>(get(server, '/repos/acme/one/git/trees/main'))
    expect(tree.map(({ path }) => path)).toContain('new.txt')
    expect(await json(get(server, '/repos/acme/one/commits/main'))).toMatchObject({ sha: head })
  })
})

describe('blobs and contents', () => {
  const binary = Uint8Array.from({ length: 3000 }, (_, index) => index % 256)

  test('a blob is base64 in JSON and the very bytes as raw', async () => {
    const { server } = await scratchServer({ one: { files: { 'a.bin': binary } } })
    const oid = createHash('sha1').update(`blob ${binary.length}\0`).update(binary).digest('hex')
    const blob = await json<{ content: string }>(get(server, `/repos/acme/one/git/blobs/${oid}`))
    expect(blob).toMatchObject({ sha: oid, size: 3000, encoding: 'base64' })
    expect(Buffer.from(blob.content, 'base64')).toEqual(Buffer.from(binary))
    for (const accept of [
      'application/vnd.github.raw',
      'application/vnd.github.raw+json',
      'application/vnd.github.v3.raw',
    ]) {
      const raw = await get(server, `/repos/acme/one/git/blobs/${oid}`, { accept })
      expect(Buffer.from(await raw.arrayBuffer()), accept).toEqual(Buffer.from(binary))
    }
  })

  test('what is no blob is 404, and what is no id 422', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const tree = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main^{tree}'])
    expect((await get(server, `/repos/acme/one/git/blobs/${'0'.repeat(40)}`)).status).toBe(404)
    expect((await get(server, `/repos/acme/one/git/blobs/${tree}`)).status).toBe(404)
    expect((await get(server, '/repos/acme/one/git/blobs/main')).status).toBe(422)
  })

  test('contents above 1 MB are empty in JSON and whole as raw', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1)
    const { server } = await scratchServer({ one: { files: { 'large.txt': large, 'most.txt': large.slice(1) } } })
    const path = '/repos/acme/one/contents/large.txt'
    expect(await json(get(server, path))).toMatchObject({ size: large.length, content: '', encoding: 'none' })
    expect(await (await get(server, path, { accept: 'application/vnd.github.raw' })).text()).toBe(large)
    const most = await json<{ content: string }>(get(server, '/repos/acme/one/contents/most.txt'))
    expect(Buffer.from(most.content, 'base64').toString()).toBe(large.slice(1))
  })

  test('contents of a folder, of a link to a file, of an escaped name, of another ref', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const first = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main'])
    const commit = { branch: 'feature/x', message: 'Other', date: '2026-11-02T10:00:00Z', files: { 'a.txt': 'other' } }
    await pushCommit(records[0]?.gitDir ?? '', commit)
    const folder = await json<{ name: string; path: string; type: string }[]>(
      get(server, '/repos/acme/one/contents/a/'),
    )
    expect(folder.map(({ type, path }) => `${type} ${path}`)).toEqual(['dir a/b', 'file a/z.txt'])
    const root = await json<unknown[]>(get(server, '/repos/acme/one/contents'))
    expect(root).toHaveLength(6)
    const raw = { accept: 'application/vnd.github.raw' }
    const text = async (path: string): Promise<string> =>
      (await get(server, `/repos/acme/one/contents/${path}`, raw)).text()
    expect(await text('link')).toBe('zz')
    expect(await text('gr%C3%B6%C3%9Fe%20%231.txt')).toBe('ü')
    expect(await text('a.txt?ref=feature/x')).toBe('other')
    expect(await text(`a.txt?ref=${first}`)).toBe('a')
    expect((await get(server, '/repos/acme/one/contents/a.txt/below')).status).toBe(404)
    expect((await get(server, '/repos/acme/one/contents/a.txt?ref=gone')).status).toBe(404)
  })
})

describe('commits', () => {
  test('a commit has its tree, its people and its parents', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const tree = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main^{tree}'])
    const commit = await json(get(server, '/repos/acme/one/commits/main'))
    expect(commit).toMatchObject({
      commit: { tree: { sha: tree }, message: 'First\n\nWith a body.', author: { date: '2026-11-01T10:00:00Z' } },
      parents: [],
    })
  })

  test('the sha alone is asked for by its media type, and is its own ETag', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const head = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main'])
    const accept = 'application/vnd.github.sha'
    const response = await get(server, '/repos/acme/one/commits/main', { accept })
    expect(await response.text()).toBe(head)
    expect(response.headers.get('etag')).toBe(`"${head}"`)
    const headers = { 'if-none-match': `"${head}"` }
    expect((await get(server, '/repos/acme/one/commits/main', { accept, headers })).status).toBe(304)
  })

  test('an empty repository answers 409 to commits and trees, an unknown ref 422 and 404', async () => {
    const { server } = await scratchServer({ empty: {}, one: { files: FILES } })
    for (const path of ['commits/main', 'git/trees/main?recursive=1']) {
      const response = await get(server, `/repos/acme/empty/${path}`)
      expect(response.status).toBe(409)
      expect(await response.json()).toMatchObject({ message: 'Git Repository is empty.', status: '409' })
    }
    expect((await get(server, '/repos/acme/one/commits/gone')).status).toBe(422)
    expect((await get(server, '/repos/acme/one/git/trees/gone')).status).toBe(404)
  })

  test('no name leads out of the repository or into options of git', async () => {
    const { server } = await scratchServer({ one: { files: FILES } })
    for (const name of [
      '..%2f..%2ftwo',
      '--help',
      'refs%2f..%2fconfig',
      'main%0Acontents%20main',
      '%00',
      ':%2ffirst',
    ]) {
      expect((await get(server, `/repos/acme/one/git/trees/${name}`)).status, name).toBe(404)
    }
    expect((await get(server, '/repos/acme/one/git/trees/%ff')).status).toBe(400)
    expect((await get(server, '/repos/acme/one/git/trees/main')).status).toBe(200)
  })
})

describe('repositories', () => {
  test('a list comes in pages with links to the others', async () => {
    const names = ['r0', 'r1', 'r2', 'r3', 'r4']
    const { server } = await scratchServer(Object.fromEntries(names.map((name) => [name, {}])))
    const seen: string[] = []
    let path: string | undefined = '/orgs/acme/repos?per_page=2&type=all'
    while (path !== undefined) {
      const response = await get(server, path)
      seen.push(...((await response.json()) as { name: string }[]).map(({ name }) => name))
      const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
      path = next?.slice(server.url.length)
    }
    expect(seen).toEqual(names)
    expect(server.journal.entries.map(({ path: asked }) => asked.replace(/.*&page=/, ''))).toEqual([
      '/orgs/acme/repos?per_page=2&type=all',
      '2',
      '3',
    ])
    expect((await get(server, '/orgs/acme/repos?per_page=100')).headers.get('link')).toBeNull()
  })

  test('a private repository exists only for the tokens that may read it', async () => {
    const { server } = await scratchServer({
      open: { files: FILES },
      secret: { files: FILES, private: true, readableBy: [TOKEN] },
    })
    const names = async (token: string): Promise<string[]> =>
      (await json<{ name: string }[]>(get(server, '/orgs/acme/repos', { token }))).map(({ name }) => name)
    expect(await names(TOKEN)).toEqual(['open', 'secret'])
    expect(await names('another')).toEqual(['open'])
    expect(await names('')).toEqual(['open'])
    const statusFor = async (token: string, path: string): Promise<number> =>
      (await get(server, path, { token })).status
    for (const path of ['', '/git/trees/main', '/commits/main', '/contents/a.txt', '/tarball/main']) {
      expect(await statusFor('another', `/repos/acme/secret${path}`), path).toBe(404)
    }
    expect(await statusFor(TOKEN, '/repos/acme/secret')).toBe(200)
    const { id } = await json<{ id: number }>(get(server, '/repos/acme/secret'))
    expect(await statusFor('another', `/repositories/${id}`)).toBe(404)
  })

  test('names are found whatever their letter case, and unknown ones are 404', async () => {
    const { server } = await scratchServer({ One: {}, mine: { owner: 'ann', ownerType: 'User' } })
    expect(await json(get(server, '/repos/ACME/oNe'))).toMatchObject({ full_name: 'acme/One', default_branch: 'main' })
    expect((await get(server, '/repos/acme/two')).status).toBe(404)
    expect((await get(server, '/orgs/other/repos')).status).toBe(404)
    expect((await get(server, '/orgs/ann/repos')).status).toBe(404)
    expect(await json<unknown[]>(get(server, '/users/ann/repos'))).toHaveLength(1)
    expect(await json<unknown[]>(get(server, '/users/acme/repos'))).toHaveLength(1)
    expect((await get(server, '/anything/else')).status).toBe(404)
  })

  test('a moved repository redirects to its number, where the same question is answered', async () => {
    const { server } = await scratchServer({ now: { files: FILES, movedFrom: ['acme/then'] } })
    const moved = await get(server, '/repos/acme/then/git/trees/main?recursive=1')
    expect(moved.status).toBe(301)
    const location = moved.headers.get('location') ?? ''
    expect(location).toMatch(/\/repositories\/\d+\/git\/trees\/main\?recursive=1$/)
    expect((await json<Tree>(get(server, location.slice(server.url.length)))).tree).toHaveLength(9)
  })

  test('the paths of GitHub Enterprise answer the same, with their own links', async () => {
    const { server } = await scratchServer({ one: { files: FILES }, two: {} })
    const repository = await json<{ url: string }>(get(server, '/api/v3/repos/acme/one'))
    expect(repository.url).toBe(`${server.url}/api/v3/repos/acme/one`)
    const listed = await get(server, '/api/v3/orgs/acme/repos?per_page=1')
    expect(listed.headers.get('link')).toContain(`${server.url}/api/v3/orgs/acme/repos`)
    expect((await get(server, '/api/v3/rate_limit')).status).toBe(200)
  })

  test('setRepositories() replaces what is offered', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES }, two: { files: { x: 'x' } } })
    await json(get(server, '/repos/acme/one/git/trees/main'))
    server.setRepositories(records.slice(1).map((record) => ({ ...record, name: 'one' })))
    const { tree } = await json<Tree>(get(server, '/repos/acme/one/git/trees/main'))
    expect(tree.map(({ path }) => path)).toEqual(['x'])
    expect((await get(server, '/repos/acme/two')).status).toBe(404)
  })
})

describe('ETags', () => {
  test('an unchanged answer is 304 and costs nothing; another token has another ETag', async () => {
    const { server } = await scratchServer({ one: { files: FILES } })
    const path = '/repos/acme/one/git/trees/main'
    const first = await get(server, path)
    const etag = first.headers.get('etag') ?? ''
    const again = await get(server, path, { headers: { 'if-none-match': `"x", ${etag}` } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(again.headers.get('x-ratelimit-used')).toBe('1')
    const other = await get(server, path, { token: 'other', headers: { 'if-none-match': etag } })
    expect(other.status).toBe(200)
    expect(other.headers.get('etag')).not.toBe(etag)
    expect(server.journal.entries.map(({ status, points, bytes }) => [status, points, bytes > 0])).toEqual([
      [200, 1, true],
      [304, 0, false],
      [200, 1, true],
    ])
  })

  test('a changed answer and another form of it have another ETag', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const etagOf = async (path: string, accept = '*/*'): Promise<string | null> =>
      (await get(server, path, { accept })).headers.get('etag')
    const blob = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main:a.txt'])
    const tags = [
      await etagOf(`/repos/acme/one/git/blobs/${blob}`),
      await etagOf(`/repos/acme/one/git/blobs/${blob}`, 'application/vnd.github.raw'),
      await etagOf('/repos/acme/one/git/trees/main'),
      await etagOf('/repos/acme/one/git/trees/main?recursive=1'),
    ]
    await pushCommit(records[0]?.gitDir ?? '', {
      branch: 'main',
      message: 'x',
      date: '2026-11-02T10:00:00Z',
      files: { n: '' },
    })
    tags.push(await etagOf('/repos/acme/one/git/trees/main'))
    expect(new Set(tags).size).toBe(5)
  })

  test('a 404 is never a 304', async () => {
    const { server } = await scratchServer({})
    expect((await get(server, '/repos/acme/gone', { headers: { 'if-none-match': '*' } })).status).toBe(404)
    expect(server.journal.summary().restPoints).toBe(1)
  })
})
