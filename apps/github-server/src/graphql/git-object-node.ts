import { extname } from 'node:path/posix'

import { parseCommit, targetOfTag, type ObjectInfo, type TreeEntry } from '../git/git-object.ts'
import { type Repository } from '../repository-registry.ts'
import { type GraphQLContext, type GraphQLNode } from './graphql-context.ts'
import { repositoryNode } from './repository-node.ts'

/** `Blob.text` ends here, whatever character it cuts (seen on GitHub, November 2026). */
const LONGEST_TEXT_BYTES = 512_000
/** git looks for a NUL in this many bytes to call a file binary. */
const BINARY_PROBE_BYTES = 8000

/** What git object there is at an id. */
export interface ObjectPlace {
  readonly repository: Repository
  readonly oid: string
  /** Of a tree: the folder it was reached by, with a final slash unless it is the root. */
  readonly prefix?: string
}

/** The `GitObject` of an id; `null` if there is none. */
export async function gitObjectNode(place: ObjectPlace, context: GraphQLContext): Promise<GraphQLNode | null> {
  const info = await place.repository.git.info(place.oid)
  if (info === undefined) return null
  switch (info.type) {
    case 'commit':
      return commitNode(place, context)
    case 'tree':
      return treeNode(place, context)
    case 'blob':
      return blobNode(place, info, context)
    case 'tag':
      return tagNode(place, context)
  }
}

function common({ repository, oid }: ObjectPlace, { serverUrl }: GraphQLContext): Readonly<Record<string, unknown>> {
  const path = `/${repository.fullName}/commit/${oid}`
  return {
    id: `G_${repository.id}_${oid}`,
    oid,
    abbreviatedOid: oid.slice(0, 7),
    commitResourcePath: path,
    commitUrl: `${serverUrl}${path}`,
    repository: () => repositoryNode(repository),
  }
}

async function commitNode(place: ObjectPlace, context: GraphQLContext): Promise<GraphQLNode | null> {
  const { repository } = place
  const object = await repository.git.object(place.oid)
  if (object === undefined) return null
  const { tree, message, author, committer } = parseCommit(object)
  const path = `/${repository.fullName}/commit/${place.oid}`
  return {
    __typename: 'Commit',
    ...common(place, context),
    message,
    messageHeadline: message.split('\n', 1)[0] ?? '',
    messageBody: message.split('\n').slice(1).join('\n').trim(),
    authoredDate: author.date,
    committedDate: committer.date,
    pushedDate: null,
    author: { __typename: 'GitActor', ...author, user: null },
    committer: { __typename: 'GitActor', ...committer, user: null },
    resourcePath: path,
    url: `${context.serverUrl}${path}`,
    tree: () => treeNode({ repository, oid: tree }, context),
    file: async ({ path: wanted }: { path: string }) => {
      const entry = await repository.git.entryAt(tree, wanted)
      return entry === undefined ? null : treeEntryNode(entry, { repository, oid: tree, prefix: folderOf(wanted) })
    },
  }
}

function treeNode(place: ObjectPlace, context: GraphQLContext): GraphQLNode {
  return {
    __typename: 'Tree',
    ...common(place, context),
    entries: async () =>
      ((await place.repository.git.entries(place.oid)) ?? []).map((entry) => treeEntryNode(entry, place)),
  }
}

function treeEntryNode(entry: TreeEntry, { repository, prefix = '' }: ObjectPlace): GraphQLNode {
  const { name, oid, mode, type } = entry
  const path = `${prefix}${name}`
  return {
    __typename: 'TreeEntry',
    name,
    nameRaw: Buffer.from(name).toString('base64'),
    path,
    pathRaw: Buffer.from(path).toString('base64'),
    mode: Number.parseInt(mode, 8),
    type,
    oid,
    extension: extname(name),
    repository: () => repositoryNode(repository),
    size: async () => (type === 'blob' ? ((await repository.git.info(oid))?.size ?? 0) : 0),
    object: (_: unknown, context: GraphQLContext) =>
      type === 'commit' ? null : gitObjectNode({ repository, oid, prefix: `${path}/` }, context),
  }
}

function blobNode(place: ObjectPlace, { size }: ObjectInfo, context: GraphQLContext): GraphQLNode {
  const bytes = async (): Promise<Buffer> => (await place.repository.git.object(place.oid))?.body ?? Buffer.alloc(0)
  return {
    __typename: 'Blob',
    ...common(place, context),
    byteSize: size,
    isTruncated: size > LONGEST_TEXT_BYTES,
    isBinary: async () => isBinary(await bytes()),
    text: async () => {
      const body = await bytes()
      return isBinary(body) ? null : body.toString('utf8', 0, LONGEST_TEXT_BYTES)
    },
  }
}

async function tagNode(place: ObjectPlace, context: GraphQLContext): Promise<GraphQLNode | null> {
  const { repository } = place
  const object = await repository.git.object(place.oid)
  const oid = object && targetOfTag(object.body)
  if (object === undefined || oid === undefined) return null
  return {
    __typename: 'Tag',
    ...common(place, context),
    name: /^tag (.*)$/m.exec(object.body.toString('utf8'))?.[1] ?? '',
    target: () => gitObjectNode({ repository, oid }, context),
  }
}

function isBinary(body: Buffer): boolean {
  return body.subarray(0, BINARY_PROBE_BYTES).includes(0)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
