import { describe, expect, it } from 'vitest'
import { CACHE_ERROR_CODES, CacheError, isCacheError } from '../src/index.ts'

describe('CacheError', () => {
  it.each(CACHE_ERROR_CODES)('%s says what happened', (code) => {
    const error = new CacheError(code)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('CacheError')
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.details).toEqual({})
    expect(error).not.toHaveProperty('cause')
  })

  it('carries a message of its own, details, and its cause as it was', () => {
    const cause = { not: 'an error' }
    const error = new CacheError('VALUE_TOO_LARGE', { message: 'Too large.', details: { limit: 1 }, cause })
    expect(error.message).toBe('Too large.')
    expect(error.details).toEqual({ limit: 1 })
    expect(error.cause).toBe(cause)
  })

  it('has the codes of the contract', () => {
    expect(CACHE_ERROR_CODES).toEqual([
      'MEMORY_LIMIT_EXCEEDED',
      'INVALID_CONFIGURATION',
      'OPERATION_TIMEOUT',
      'WARMING_FAILED',
      'STORE_UNAVAILABLE',
      'STORE_CORRUPT',
      'STORE_CLOSED',
      'VALUE_TOO_LARGE',
      'NOT_SERIALIZABLE',
    ])
  })
})

describe('isCacheError()', () => {
  it('knows a CacheError, with a code only of that one', () => {
    const error = new CacheError('STORE_CLOSED')
    expect(isCacheError(error)).toBe(true)
    expect(isCacheError(error, 'STORE_CLOSED')).toBe(true)
    expect(isCacheError(error, 'STORE_CORRUPT')).toBe(false)
  })

  it('knows that of another installed copy', () => {
    const error = Object.assign(new Error('closed'), { name: 'CacheError', code: 'STORE_CLOSED' })
    expect(isCacheError(error)).toBe(true)
    expect(isCacheError(error, 'STORE_CLOSED')).toBe(true)
  })

  it.each([
    undefined,
    null,
    'CacheError',
    { name: 'CacheError', code: 'STORE_CLOSED' },
    Object.assign(new Error('other'), { code: 'STORE_CLOSED' }),
    Object.assign(new Error('no code'), { name: 'CacheError' }),
    Object.assign(new Error('unknown code'), { name: 'CacheError', code: 'ENOENT' }),
  ])('does not take %o for one', (error) => {
    expect(isCacheError(error)).toBe(false)
  })
})
