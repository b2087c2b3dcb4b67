export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

/** What git knows about an object without its bytes. */
export interface ObjectInfo {
  readonly oid: string
  readonly type: ObjectType
  /** Bytes. */
  readonly size: number
}

export interface GitObject extends ObjectInfo {
  readonly body: Buffer
}

/** Who wrote or applied a commit, and when. */
export interface Signature {
  readonly name: string
  readonly email: string
  /** ISO 8601, in UTC, without milliseconds, as GitHub prints it. */
  readonly date: string
}

export interface Commit {
  readonly oid: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

export interface TreeEntry {
  /** Six octal digits, as REST prints it: `100644`. */
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly name: string
  readonly oid: string
}

const OID_BYTES = 20

/** Whether the text is a full SHA-1 object id. */
export function isOid(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

/** The entries of a tree object, in git's order. */
export function parseTree(body: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at)
    const nul = body.indexOf(0, space)
    const mode = body.toString('latin1', at, space).padStart(6, '0')
    const end = nul + 1 + OID_BYTES
    entries.push({
      mode,
      type: typeOfMode(mode),
      name: body.toString('utf8', space + 1, nul),
      oid: body.toString('hex', nul + 1, end),
    })
    at = end
  }
  return entries
}

/** A commit object's headers and message. */
export function parseCommit({ oid, body }: GitObject): Commit {
  const { headers, message } = splitObject(body)
  return {
    oid,
    tree: headers.find(([name]) => name === 'tree')?.[1] ?? '',
    parents: headers.filter(([name]) => name === 'parent').map(([, value]) => value),
    author: parseSignature(headers.find(([name]) => name === 'author')?.[1] ?? ''),
    committer: parseSignature(headers.find(([name]) => name === 'committer')?.[1] ?? ''),
    message: message.trimEnd(),
  }
}

/** The object that an annotated tag points at. */
export function targetOfTag(body: Buffer): string | undefined {
  return splitObject(body).headers.find(([name]) => name === 'object')?.[1]
}

function typeOfMode(mode: string): TreeEntry['type'] {
  if (mode === '040000') return 'tree'
  return mode === '160000' ? 'commit' : 'blob'
}

function splitObject(body: Buffer): { headers: (readonly [string, string])[]; message: string } {
  const text = body.toString('utf8')
  const end = text.indexOf('\n\n')
  const headers = text
    .slice(0, end < 0 ? text.length : end)
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)
  return { headers, message: end < 0 ? '' : text.slice(end + 2) }
}

function parseSignature(text: string): Signature {
  const match = /^(?<name>.*?) ?<(?<email>[^>]*)> (?<seconds>-?\d+)/.exec(text)
  const { name = '', email = '', seconds = '0' } = match?.groups ?? {}
  return { name, email, date: `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z` }
}
