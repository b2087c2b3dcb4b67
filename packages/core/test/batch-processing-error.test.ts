import { inspect } from 'node:util'

import { describe, expect, it } from 'vitest'
import {
  BatchProcessingError,
  GitHubAPIError,
  HttpStatusError,
  isGitHubAPIError,
  isHttpStatusError,
  isNetworkError,
  isRateLimitError,
  isUnreadableAnswerError,
  NetworkError,
  RateLimitError,
  UnreadableAnswerError,
} from '../src/index.ts'

const cause = new Error('below')
const limited = new RateLimitError('used up', 1_700_000_000_000, { cause })
const network = new NetworkError('cut', { cause })
const answered = new HttpStatusError('not found', 404, {
  cause,
  headers: new Headers({ 'set-cookie': 'session' }),
  body: '{}',
})
const unreadable = new UnreadableAnswerError('a login page', { cause })
const refused = new GitHubAPIError('not found', 404, { cause })

describe('the errors of batches', () => {
  it.each([limited, network, refused, answered, unreadable])(
    '$name is a BatchProcessingError with its own name, message and cause',
    (error) => {
      expect(error).toBeInstanceOf(BatchProcessingError)
      expect(error.name).toBe(error.constructor.name)
      expect(String(error)).toBe(`${error.name}: ${error.message}`)
      expect(error.cause).toBe(cause)
    },
  )

  it('carry when the limit lifts, and the status', () => {
    expect(limited.resetTime).toBe(1_700_000_000_000)
    expect(refused.statusCode).toBe(404)
    expect(answered).toMatchObject({ statusCode: 404, body: '{}' })
  })

  it('carry the headers of an answer, and do not print them', () => {
    expect(answered.headers.get('set-cookie')).toBe('session')
    expect(inspect(answered)).not.toContain('session')
    expect(new HttpStatusError('bare', 500)).toMatchObject({ body: '' })
    expect(new HttpStatusError('bare', 500).headers.get('retry-after')).toBeNull()
  })
})

describe('the predicates', () => {
  it('know their own error and no other', () => {
    const errors = [limited, network, refused, answered, new BatchProcessingError('batch'), new Error('other')]
    expect(errors.map((error) => isRateLimitError(error))).toEqual([true, false, false, false, false, false])
    expect(errors.map((error) => isNetworkError(error))).toEqual([false, true, false, false, false, false])
    expect(errors.map((error) => isGitHubAPIError(error))).toEqual([false, false, true, false, false, false])
    expect(errors.map((error) => isHttpStatusError(error))).toEqual([false, false, false, true, false, false])
  })

  it('isGitHubAPIError() and isHttpStatusError() know a status', () => {
    expect(isHttpStatusError(answered, 404)).toBe(true)
    expect(isHttpStatusError(answered, 403)).toBe(false)
    expect(isGitHubAPIError(refused, 404)).toBe(true)
    expect(isGitHubAPIError(refused, 403)).toBe(false)
  })

  it('know the error of another installed copy', () => {
    const named = (name: string, facts: object) => Object.assign(new Error('copy'), { name }, facts)
    expect(isRateLimitError(named('RateLimitError', { resetTime: 1 }))).toBe(true)
    expect(isNetworkError(named('NetworkError', {}))).toBe(true)
    expect(isGitHubAPIError(named('GitHubAPIError', { statusCode: 502 }), 502)).toBe(true)
    expect(isHttpStatusError(named('HttpStatusError', { statusCode: 502 }), 502)).toBe(true)
    expect(isUnreadableAnswerError(named('UnreadableAnswerError', {}))).toBe(true)
  })

  it('do not take something else of that name for it', () => {
    const named = (name: string) => Object.assign(new Error('other'), { name })
    expect(isRateLimitError(named('RateLimitError'))).toBe(false)
    expect(isGitHubAPIError(named('GitHubAPIError'))).toBe(false)
    expect(isHttpStatusError(named('HttpStatusError'))).toBe(false)
    expect(isHttpStatusError(Object.assign(named('Other'), { statusCode: 404 }))).toBe(false)
    expect(isRateLimitError(Object.assign(named('Other'), { resetTime: 1 }))).toBe(false)
    expect(isGitHubAPIError(Object.assign(named('Other'), { statusCode: 404 }))).toBe(false)
    expect(isNetworkError({ name: 'NetworkError' })).toBe(false)
    expect(isUnreadableAnswerError({ name: 'UnreadableAnswerError' })).toBe(false)
    expect(isRateLimitError(undefined)).toBe(false)
  })
})
