import { createHash } from 'node:crypto'

/** An entry of one folder, as far as git hashes it. */
export interface TreeItem {
  /** Within its folder. */
  readonly name: string
  /** In octal; a leading zero does not count. */
  readonly mode: string
  /** The object id. */
  readonly oid: string
}

/** What stands for bytes that are no UTF-8: a name that has it cannot be hashed. */
const REPLACEMENT = '\uFFFD'

/**
 * Whether these are the entries of the tree of this object id: all of them, and no other. Trees that old tools wrote
 * with a zero before the mode of a folder, or out of order, are recognised too.
 */
export function isTreeOf(oid: string, items: readonly TreeItem[]): boolean {
  return (
    treeOid(items, '40000') === oid ||
    treeOid(items, '040000') === oid ||
    treeOid(items.toSorted(inGitOrder), '40000') === oid
  )
}

/** Whether the entries can be hashed at all: a name that is no UTF-8 arrives altered. */
export function isHashable(items: readonly TreeItem[]): boolean {
  return !items.some(({ name }) => name.includes(REPLACEMENT))
}

function treeOid(items: readonly TreeItem[], folderMode: string): string {
  const parts = items.flatMap(({ name, mode, oid }) => {
    const bare = mode.replace(/^0+/, '')
    return [Buffer.from(`${bare === '40000' ? folderMode : bare} ${name}\0`), Buffer.from(oid, 'hex')]
  })
  const bytes = Buffer.concat(parts)
  return createHash('sha1').update(`tree ${bytes.byteLength}\0`).update(bytes).digest('hex')
}

/** By bytes, a folder as if its name ended with a slash. */
function inGitOrder(a: TreeItem, b: TreeItem): number {
  return Buffer.compare(sortKey(a), sortKey(b))
}

function sortKey({ name, mode }: TreeItem): Buffer {
  return Buffer.from(mode.endsWith('40000') && !mode.startsWith('1') ? `${name}/` : name)
}
