import { createHash } from 'node:crypto'

import { type Caller } from '../caller.ts'
import { type Answer } from './answer.ts'

/** The ETag of an answer: another token gets another one, and so a new token finds nothing unchanged. */
export function entityTagOf({ identity, body, entityTag }: Answer, { token }: Caller): string {
  if (entityTag !== undefined) return entityTag
  const hash = createHash('sha256').update(`${token.length}:${token}`)
  return `W/"${hash.update(identity ?? body).digest('hex')}"`
}

/** Whether an `If-None-Match` header names the ETag, compared weakly. */
export function isUnchanged(ifNoneMatch: string | undefined, entityTag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(entityTag))
}
