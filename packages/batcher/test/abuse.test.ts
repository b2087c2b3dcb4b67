import { describe, expect, it } from 'vitest'

import { batchFetchIssues, createHttpClient, RequestBatcher, type RequestBatcherOptions } from '../src/index.ts'
import { answering } from './scripted-client.ts'

const client = answering(() => 1)

describe('RequestBatcher', () => {
  it.each([undefined, {}, { request: 'GET' }])('refuses %j as a client', (wrong) => {
    expect(() => new RequestBatcher(wrong as never)).toThrow(
      new TypeError('The client must have a method `request`: see createHttpClient().'),
    )
  })

  it.each<[RequestBatcherOptions, string]>([
    [{ maxConcurrent: 0 }, 'maxConcurrent must be a positive integer, not 0.'],
    [{ maxConcurrent: Number.NaN, adaptive: true }, 'maxConcurrent must be a positive integer, not NaN.'],
    [{ adaptive: { min: 0.5 } }, 'adaptive.min must be a positive integer, not 0.5.'],
    [{ rate: { requests: 0, per: '1s' } }, 'rate.requests must be a positive integer, not 0.'],
    [{ rate: { requests: 1, per: 0 } }, 'rate.per must be longer than 0, not 0.'],
    [{ timeout: -1 }, 'timeout must be longer than 0, not -1.'],
    [{ maxWait: 0 }, 'maxWait must be longer than 0, not 0.'],
    [{ retry: { attempts: -1 } }, 'retry.attempts must be 0 or more, not -1.'],
    [{ retry: { budget: Number.NaN } }, 'retry.budget must be 0 or more, not NaN.'],
  ])('refuses %j', (options, message) => {
    expect(() => new RequestBatcher(client, options)).toThrow(new RangeError(message))
  })

  it('refuses an unknown method, to be sent or to be sent again, and an endpoint that is no text', () => {
    const batcher = new RequestBatcher(client)
    const message = 'The method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, not'
    for (const method of ['get', 'TRACE', '', undefined]) {
      expect(() => batcher.add(method as never, '/')).toThrow(new TypeError(`${message} ${String(method)}.`))
    }
    expect(() => new RequestBatcher(client, { retry: { methods: ['OPTIONS' as never] } })).toThrow(TypeError)
    expect(() => batcher.add('GET', 7 as never)).toThrow(new TypeError('The endpoint must be a string, not number.'))
  })
})

describe('createHttpClient()', () => {
  it.each([
    ['no url', "The baseUrl must be an http or https URL, not 'no url'."],
    ['file:///etc', "The baseUrl must be an http or https URL, not 'file:///etc'."],
    ['http://ann:secret@host.test', 'The baseUrl must not hold a user or a password: give them as auth.'],
  ])('refuses %s as a base URL', (baseUrl, message) => {
    expect(() => createHttpClient({ baseUrl })).toThrow(new TypeError(message))
  })

  it('rejects parameters that have no one text, and endpoints that are no http', async () => {
    const own = createHttpClient({ baseUrl: 'http://host.test' })
    const get = (endpoint: string, data?: unknown): Promise<unknown> => own.request({ method: 'GET', endpoint, data })
    await expect(get('/', [1])).rejects.toThrow(
      'The data of GET and HEAD are query parameters, { name: value }, not [ 1 ].',
    )
    await expect(get('/', { a: { b: 1 } })).rejects.toThrow(
      "The query parameter 'a' must be text, a number or a boolean, not object.",
    )
    await expect(get('javascript:alert(1)')).rejects.toThrow('must be an http or https URL')
    await expect(own.request({ method: 'OPTIONS' as never, endpoint: '/' })).rejects.toThrow(TypeError)
    await expect(own.request({ method: 'POST', endpoint: '/', data: { big: 1n } })).rejects.toThrow(TypeError)
  })
})

describe('batchFetchIssues()', () => {
  it('refuses keys that are no strings, and one string in the place of many', async () => {
    await expect(batchFetchIssues(client, 'PROJ-1')).rejects.toThrow(
      new TypeError('The keys must be an array or another iterable, not one string.'),
    )
    await expect(batchFetchIssues(client, [7 as never])).rejects.toThrow(
      new TypeError('A key must be a string, not number.'),
    )
  })
})
