import { createHash } from 'node:crypto'

/** The object id that git gives to these bytes as a file: the name under which a tree lists them, and the proof that they are whole. */
export function blobOid(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
}
