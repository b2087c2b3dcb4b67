import { cleanText } from './clean-text.ts'

/** A file that was read. */
export interface FileContent {
  /** From the root of the repository. */
  readonly path: string
  /** The text, or base64 where the bytes are no UTF-8: see `encoding`. */
  readonly content: string
  /** Bytes, before any encoding. */
  readonly size: number
  /** The object id of the content, which it was checked against. */
  readonly sha: string
  /** How `content` stands for the bytes. */
  readonly encoding: 'utf-8' | 'base64'
}

/** A file's bytes as they are handed out: nothing is lost, whatever they are. */
export function fileContent(path: string, sha: string, bytes: Uint8Array): FileContent {
  const text = cleanText(bytes)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [content, encoding] =
    text === undefined ? ([buffer.toString('base64'), 'base64'] as const) : ([text, 'utf-8'] as const)
  return { path, content, size: bytes.byteLength, sha, encoding }
}
