import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { buildRepository, MemoryRepository, startGitHubServer, SyntheticOrganisation } from '../src/index.ts'

const FILES = {
  'README.md': '# Hello\n',
  'a.b/c.txt': 'after "a.b", for a folder sorts with its slash',
  'a/b/c.txt': 'deep',
  'a.txt': new Uint8Array([0, 255]),
  'run.sh': { executable: '#!/bin/sh\n' },
  link: { linkTo: 'a/b/c.txt' },
}

it('gives trees and blobs the ids that git gives them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'x-memory-'))
  try {
    await buildRepository(folder, {
      branch: 'main',
      commits: [{ message: 'Begin', date: '2026-01-02T03:04:05Z', files: FILES }],
    })
    const git = (...args: string[]): string =>
      execFileSync('git', [`--git-dir=${folder}`, ...args])
        .toString()
        .trim()
    const repository = new MemoryRepository(FILES)
    const commit = repository.object(repository.head ?? '')
    expect(commit?.body.toString()).toContain(`tree ${git('rev-parse', 'main^{tree}')}\n`)
    for (const oid of git('rev-list', '--objects', '--filter=object:type=blob', 'main^{tree}').split('\n')) {
      expect(repository.object(oid.slice(0, 40))).toBeDefined()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('keeps what earlier commits had, and moves the head', () => {
  const repository = new MemoryRepository({ 'a.txt': '1', 'b.txt': '2' })
  const before = repository.head ?? ''
  repository.push({ files: { 'a.txt': '3' }, deletions: ['b.txt'] })
  expect(repository.head).not.toBe(before)
  expect(repository.object(before)).toBeDefined()
  expect(new MemoryRepository().head).toBeUndefined()
})

it('serves an organisation of any size, and its pushes', async () => {
  const organisation = new SyntheticOrganisation({ repositories: 3, packages: 2 })
  await using server = await startGitHubServer({ repositories: organisation.records })
  const query = `{ repositoryOwner(login: "acme") { repositories(first: 9) { totalCount nodes {
    name pushedAt defaultBranchRef { target { oid } } object(expression: "HEAD:package-lock.json") { oid } } } } }`
  interface Listed {
    name: string
    pushedAt: string
    defaultBranchRef: { target: { oid: string } }
    object: { oid: string }
  }
  const list = async (): Promise<Listed[]> => {
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', body: JSON.stringify({ query }) })
    const { data } = (await answer.json()) as { data: { repositoryOwner: { repositories: { nodes: Listed[] } } } }
    return data.repositoryOwner.repositories.nodes
  }
  const before = await list()
  organisation.push([1])
  server.setRepositories(organisation.records)
  const after = await list()
  const changed = after.filter(({ object }, index) => object.oid !== before[index]?.object.oid)
  expect(changed.map(({ name }) => name)).toEqual(['repository-000001'])
  expect((changed[0]?.pushedAt ?? '') > (before[1]?.pushedAt ?? '')).toBe(true)
  const clone = `${server.url}/acme/repository-000000.git/info/refs?service=git-upload-pack`
  expect((await fetch(clone, { headers: { authorization: 'Bearer any' } })).status).toBe(404)
})
