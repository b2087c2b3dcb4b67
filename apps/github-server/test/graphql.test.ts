import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { runGit } from '../src/fixture/run-git.ts'
import { get, graphql, post, scratchServer, TOKEN } from './scratch.ts'

const FILES = { 'package.json': '{"name":"one"}', 'packages/a/package.json': '{}', 'b.bin': Uint8Array.of(1, 0, 2) }

function oidOf(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')
}

describe('repositories', () => {
  const SWEEP = `query ($login: String!, $first: Int, $after: String) {
    repositoryOwner(login: $login) {
      __typename
      repositories(first: $first, after: $after, ownerAffiliations: OWNER, orderBy: { field: NAME, direction: ASC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          name nameWithOwner isPrivate isArchived isFork isEmpty pushedAt
          defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
        }
      }
    }
    rateLimit { cost remaining limit used nodeCount resetAt }
  }`

  interface Sweep {
    repositoryOwner: {
      __typename: string
      repositories: {
        totalCount: number
        pageInfo: { hasNextPage: boolean; endCursor: string }
        nodes: Record<string, unknown>[]
      }
    }
    rateLimit: Record<string, unknown>
  }

  test('a sweep gives the head of each repository, page by page, for one point a page', async () => {
    const { server, records } = await scratchServer({
      c: { files: FILES, archived: true },
      a: { files: FILES, defaultBranch: 'trunk' },
      b: { fork: true },
      hidden: { files: FILES, private: true },
    })
    const gitDir = records.find(({ name }) => name === 'a')?.gitDir ?? ''
    const [head, tree] = (await runGit(gitDir, ['rev-parse', 'trunk', 'trunk^{tree}'])).split('\n')
    const first = (await graphql(server, SWEEP, { login: 'acme', first: 2 })).data as unknown as Sweep
    const { repositories } = first.repositoryOwner
    expect(first.repositoryOwner.__typename).toBe('Organization')
    expect(repositories.totalCount).toBe(3)
    expect(repositories.nodes).toMatchObject([
      { name: 'a', isEmpty: false, defaultBranchRef: { name: 'trunk', target: { oid: head, tree: { oid: tree } } } },
      { nameWithOwner: 'acme/b', isFork: true, isEmpty: true, defaultBranchRef: null },
    ])
    expect(first.rateLimit).toMatchObject({ cost: 1, used: 1, remaining: 4999, limit: 5000, nodeCount: 2 })
    expect(repositories.pageInfo.hasNextPage).toBe(true)
    const after = repositories.pageInfo.endCursor
    const second = (await graphql(server, SWEEP, { login: 'ACME', first: 2, after })).data as unknown as Sweep
    expect(second.repositoryOwner.repositories.nodes).toMatchObject([{ name: 'c', isArchived: true }])
    expect(second.repositoryOwner.repositories.pageInfo.hasNextPage).toBe(false)
    expect(server.journal.summary()).toMatchObject({ requests: 2, graphqlPoints: 2, restPoints: 0 })
  })

  test('filters and the other direction work, from the end too', async () => {
    const { server } = await scratchServer({ a: {}, b: { fork: true }, c: { archived: true }, d: {} })
    const names = async (args: string): Promise<unknown> => {
      const { data, errors } = await graphql(
        server,
        `{ organization(login: "acme") { repositories(${args}) { nodes { name } } } }`,
      )
      expect(errors).toBeUndefined()
      const { nodes } = (data?.['organization'] as { repositories: { nodes: { name: string }[] } }).repositories
      return nodes.map(({ name }) => name).join('')
    }
    expect(await names('first: 9, isFork: false')).toBe('acd')
    expect(await names('first: 9, isArchived: true')).toBe('c')
    expect(await names('first: 2, orderBy: { field: NAME, direction: DESC }')).toBe('dc')
    expect(await names('last: 2')).toBe('cd')
    expect(await names('first: 9, privacy: PRIVATE')).toBe('')
  })

  test('what cannot be resolved is null with a NOT_FOUND of its own, and the rest is answered', async () => {
    const { server } = await scratchServer({ one: { files: FILES }, hidden: { private: true, readableBy: ['x'] } })
    const { data, errors } = await graphql(
      server,
      `
        {
          good: repository(owner: "acme", name: "one") {
            name
          }
          gone: repository(owner: "acme", name: "gone") {
            name
          }
          hidden: repository(owner: "acme", name: "hidden") {
            name
          }
          organization(login: "nobody") {
            login
          }
          user(login: "acme") {
            login
          }
          repositoryOwner(login: "nobody") {
            login
          }
        }
      `,
    )
    expect(data).toEqual({
      good: { name: 'one' },
      gone: null,
      hidden: null,
      organization: null,
      user: null,
      repositoryOwner: null,
    })
    expect(errors).toMatchObject([
      { type: 'NOT_FOUND', path: ['gone'], message: "Could not resolve to a Repository with the name 'acme/gone'." },
      { type: 'NOT_FOUND', path: ['hidden'] },
      { type: 'NOT_FOUND', message: "Could not resolve to an Organization with the login of 'nobody'." },
      { type: 'NOT_FOUND', message: "Could not resolve to a User with the login of 'acme'." },
    ])
  })

  test('renames are followed unless refused, and nodes are found by id', async () => {
    const { server } = await scratchServer({ now: { movedFrom: ['acme/then'] } })
    const { data, errors } = await graphql(
      server,
      `
        {
          a: repository(owner: "acme", name: "then") {
            id
            nameWithOwner
          }
          b: repository(owner: "acme", name: "then", followRenames: false) {
            id
          }
        }
      `,
    )
    expect(data).toMatchObject({ a: { nameWithOwner: 'acme/now' }, b: null })
    expect(errors).toHaveLength(1)
    const { id } = data?.['a'] as { id: string }
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Repository { name } } }'
    const found = await graphql(server, query, { ids: [id, 'X_1'] })
    expect(found.data).toEqual({ nodes: [{ __typename: 'Repository', name: 'now' }, null] })
    expect(found.errors).toMatchObject([{ type: 'NOT_FOUND', path: ['nodes', 1] }])
  })
})

describe('objects', () => {
  test('blobs and trees are found by id, by expression and through their tree', async () => {
    const { server, records } = await scratchServer({ one: { files: FILES } })
    const tree = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main^{tree}'])
    const { data, errors } = await graphql(
      server,
      `
        query ($tree: GitObjectID!) {
          repository(owner: "acme", name: "one") {
            byPath: object(expression: "HEAD:package.json") {
              oid
              ... on Blob {
                text
                byteSize
                isBinary
                isTruncated
              }
            }
            binary: object(expression: "main:b.bin") {
              ... on Blob {
                text
                isBinary
                byteSize
              }
            }
            gone: object(expression: "HEAD:gone") {
              oid
            }
            head: object(expression: "HEAD") {
              __typename
            }
            folder: object(expression: "main:packages") {
              ... on Tree {
                entries {
                  path
                }
              }
            }
            branch: ref(qualifiedName: "refs/heads/main") {
              name
              prefix
              target {
                ... on Commit {
                  messageHeadline
                }
              }
            }
            short: ref(qualifiedName: "main") {
              name
            }
            noBranch: ref(qualifiedName: "other") {
              name
            }
            byOid: object(oid: $tree) {
              __typename
              ... on Tree {
                entries {
                  name
                  path
                  mode
                  type
                  oid
                  size
                  object {
                    ... on Tree {
                      entries {
                        path
                        object {
                          ... on Tree {
                            entries {
                              path
                              type
                              size
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      `,
      { tree },
    )
    expect(errors).toBeUndefined()
    const text = FILES['package.json']
    expect(data?.['repository']).toMatchObject({
      byPath: { oid: oidOf(text), text, byteSize: 14, isBinary: false, isTruncated: false },
      binary: { text: null, isBinary: true, byteSize: 3 },
      gone: null,
      head: { __typename: 'Commit' },
      folder: { entries: [{ path: 'packages/a' }] },
      branch: { name: 'main', prefix: 'refs/heads/', target: { messageHeadline: 'First' } },
      short: { name: 'main' },
      noBranch: null,
      byOid: {
        __typename: 'Tree',
        entries: [
          { name: 'b.bin', path: 'b.bin', mode: 0o100644, type: 'blob', size: 3, object: {} },
          { name: 'package.json', oid: oidOf(text), size: 14 },
          {
            name: 'packages',
            mode: 0o40000,
            type: 'tree',
            size: 0,
            object: {
              entries: [
                {
                  path: 'packages/a',
                  object: { entries: [{ path: 'packages/a/package.json', type: 'blob', size: 2 }] },
                },
              ],
            },
          },
        ],
      },
    })
  })

  test('Blob.text ends after 512,000 bytes and says so', async () => {
    const { server } = await scratchServer({
      one: { files: { most: 'x'.repeat(512_000), more: `${'x'.repeat(511_999)}ü` } },
    })
    const { data } = await graphql(
      server,
      `
        {
          repository(owner: "acme", name: "one") {
            most: object(expression: "HEAD:most") {
              ... on Blob {
                text
                isTruncated
                byteSize
              }
            }
            more: object(expression: "HEAD:more") {
              ... on Blob {
                text
                isTruncated
                byteSize
              }
            }
          }
        }
      `,
    )
    const { most, more } = data?.['repository'] as Record<
      string,
      { text: string; isTruncated: boolean; byteSize: number }
    >
    expect(most).toMatchObject({ isTruncated: false, byteSize: 512_000 })
    expect(most?.text).toHaveLength(512_000)
    expect(more).toMatchObject({ isTruncated: true, byteSize: 512_001 })
    expect(more?.text.slice(-2)).toBe('x\u{fffd}')
  })
})

describe('what is refused', () => {
  test('a query that the real schema does not know is 200 with errors, and nothing is executed', async () => {
    const { server } = await scratchServer({ one: { files: FILES } })
    const response = await post(server, { query: '{ repository(owner: "acme", name: "one") { name colour } }' })
    expect(response.status).toBe(200)
    const result = (await response.json()) as Record<string, unknown>
    expect(Object.keys(result)).toEqual(['errors'])
    expect(result['errors']).toMatchObject([{ message: 'Cannot query field "colour" on type "Repository".' }])
  })

  test('bad syntax, a missing variable, a missing query and an ambiguous operation are 200 with errors', async () => {
    const { server } = await scratchServer({})
    for (const body of [
      { query: '{' },
      { query: 'query ($a: String!) { organization(login: $a) { login } }' },
      { variables: {} },
      { query: 'query A { rateLimit { cost } } query B { rateLimit { cost } }' },
    ]) {
      const response = await post(server, body)
      expect(response.status).toBe(200)
      const result = (await response.json()) as { data?: unknown; errors: unknown[] }
      expect(result.data).toBeUndefined()
      expect(result.errors).toHaveLength(1)
    }
    expect((await fetch(`${server.url}/graphql`, { method: 'POST', body: '{' })).status).toBe(400)
  })

  test('more than 100 records, or no bound at all, is refused', async () => {
    const { server } = await scratchServer({ one: {} })
    const ask = (args: string) =>
      graphql(server, `{ organization(login: "acme") { repositories${args} { totalCount } } }`)
    expect((await ask('(first: 101)')).errors).toMatchObject([
      {
        type: 'EXCESSIVE_PAGINATION',
        message: 'Requesting 101 records on the `repositories` connection exceeds the `first` limit of 100 records.',
      },
    ])
    expect((await ask('')).errors).toMatchObject([{ type: 'MISSING_PAGINATION_BOUNDARIES' }])
    expect((await ask('(first: 5, after: "eA==")')).errors).toMatchObject([{ type: 'INVALID_CURSOR_ARGUMENTS' }])
    expect((await ask('(first: 100)')).errors).toBeUndefined()
  })

  test('a field that exists on GitHub but not here is an error, not a silent null', async () => {
    const { server } = await scratchServer({ one: {} })
    const { errors } = await graphql(
      server,
      '{ repository(owner: "acme", name: "one") { name codeOfConduct { name } } }',
    )
    expect(errors).toMatchObject([{ message: 'This server does not serve the field Repository.codeOfConduct.' }])
    expect(
      (await graphql(server, 'mutation { addStar(input: { starrableId: "x" }) { clientMutationId } }')).errors,
    ).toHaveLength(1)
  })

  test('a server without GraphQL answers 404, and one under /api serves it there', async () => {
    const { server } = await scratchServer({ one: {} })
    const query = { query: '{ rateLimit { cost } }' }
    expect((await post(server, query, TOKEN, '/api/graphql')).status).toBe(200)
    const { server: without } = await scratchServer({ one: {} }, { graphql: false })
    expect((await post(without, query)).status).toBe(404)
  })

  test('where tokens are listed GraphQL wants one', async () => {
    const { server } = await scratchServer({ one: {} }, { tokens: [TOKEN] })
    const query = { query: '{ rateLimit { cost } }' }
    expect((await post(server, query, '')).status).toBe(401)
    const wrong = await post(server, query, 'wrong')
    expect(wrong.status).toBe(401)
    expect(await wrong.json()).toMatchObject({ message: 'Bad credentials' })
    expect((await get(server, '/orgs/acme/repos', { token: '' })).status).toBe(200)
    expect(server.journal.summary()).toMatchObject({ graphqlPoints: 0, restPoints: 1 })
  })
})

describe('cost', () => {
  const costOf = async (query: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
    const { server } = await scratchServer({ one: { files: FILES } })
    const { data } = await graphql(server, query.replace(/\}\s*$/, ' rateLimit { cost nodeCount } }'), variables)
    const { cost } = data?.['rateLimit'] as { cost: number }
    expect(server.journal.summary().graphqlPoints).toBe(cost)
    return data?.['rateLimit']
  }

  test("GitHub's own example costs what GitHub says", async () => {
    const connections = `repositories(first: 100) { edges { node { issues(first: 50) { totalCount nodes { labels(first: 60) { totalCount } } } } } }`
    const { server } = await scratchServer({})
    await graphql(server, `{ viewer { ${connections} } }`)
    expect(server.journal.summary().graphqlPoints).toBe(51)
  })

  test('aliased objects add nothing, however many', async () => {
    const aliases = Array.from({ length: 150 }, (_, i) => `f${i}: object(expression: "HEAD:package.json") { oid }`)
    const query = `{ repository(owner: "acme", name: "one") { ${aliases.join(' ')} } }`
    expect(await costOf(query)).toEqual({ cost: 1, nodeCount: 0 })
  })

  test('connections in fragments and by variables count; skipped ones do not', async () => {
    const query = `query ($n: Int!, $no: Boolean!) {
      organization(login: "acme") { ...Repositories skipped: repositories(first: 100) @include(if: $no) { totalCount } }
    }
    fragment Repositories on RepositoryOwner { repositories(first: $n) { totalCount } }`
    const { server } = await scratchServer({ one: {} })
    const withRate = query.replace('query ($n: Int!, $no: Boolean!) {', '$& rateLimit { cost nodeCount }')
    const { data } = await graphql(server, withRate, { n: 70, no: false })
    expect(data?.['rateLimit']).toEqual({ cost: 1, nodeCount: 70 })
  })

  test('more than 500,000 possible nodes are refused', async () => {
    const { server } = await scratchServer({})
    const issues = 'issues(first: 100) { nodes { labels(first: 100) { nodes { name } } } }'
    const { errors } = await graphql(server, `{ viewer { repositories(first: 100) { nodes { ${issues} } } } }`)
    expect(errors).toMatchObject([{ type: 'MAX_NODE_LIMIT_EXCEEDED' }])
  })
})
