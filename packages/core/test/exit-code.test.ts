import { describe, expect, it } from 'vitest'
import {
  CacheError,
  EXIT_CODES,
  exitCodeOf,
  GitHubAPIError,
  HttpStatusError,
  NetworkError,
  RateLimitError,
  UnreadableAnswerError,
} from '../src/index.ts'

const withCode = (code: string) => Object.assign(new Error(code), { code })

describe('exitCodeOf()', () => {
  it.each<[what: string, error: unknown, code: number]>([
    ['no error', undefined, 0],
    ['any error', new Error('any'), 1],
    ['a wrong argument', new TypeError('wrong'), 1],
    ['something thrown that is no error', 'text', 1],
    ['null', null, 1],
    ['a refused value', new CacheError('NOT_SERIALIZABLE'), 1],
    ['a slow operation', new CacheError('OPERATION_TIMEOUT'), 1],
    ['a bad configuration', new CacheError('INVALID_CONFIGURATION'), 2],
    ['a refused credential', new GitHubAPIError('bad credentials', 401), 2],
    ['a credential that another service refused', new HttpStatusError('unauthorized', 401), 2],
    ['a store out of reach', new CacheError('STORE_UNAVAILABLE'), 3],
    ['a damaged store', new CacheError('STORE_CORRUPT'), 3],
    ['a closed store', new CacheError('STORE_CLOSED'), 3],
    ['a cut connection', new NetworkError('cut'), 4],
    ['a limit that is used up', new RateLimitError('used up', 0), 4],
    ['a failing GitHub', new GitHubAPIError('bad gateway', 502), 4],
    ['a login page in the place of an answer', new UnreadableAnswerError('no list'), 4],
    ['a failing service', new HttpStatusError('bad gateway', 502), 4],
    ['a refused connection', withCode('ECONNREFUSED'), 4],
    ['an unknown host', withCode('ENOTFOUND'), 4],
    ['an absent file', withCode('ENOENT'), 1],
    ['an abort', AbortSignal.abort().reason, 130],
    ['an abort by an error of that name', Object.assign(new Error('stop'), { name: 'AbortError' }), 130],
  ])('%s', (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code)
  })

  it('knows the errors of another installed copy', () => {
    const error = Object.assign(new Error('copy'), { name: 'CacheError', code: 'STORE_CORRUPT' })
    expect(exitCodeOf(error)).toBe(EXIT_CODES.cacheDatabase)
  })

  it('has one number for each way to end', () => {
    expect(EXIT_CODES).toEqual({
      success: 0,
      general: 1,
      configuration: 2,
      cacheDatabase: 3,
      network: 4,
      threatsFound: 5,
      scanIncomplete: 6,
      interrupted: 130,
    })
  })
})
