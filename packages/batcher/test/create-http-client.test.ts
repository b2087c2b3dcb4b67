import { getEventListeners } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { inspect } from 'node:util'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

import { isCacheError, isHttpStatusError, isNetworkError, RateLimitError } from '@x/core'
import { describe, expect, it, vi } from 'vitest'

import { createHttpClient, type HttpMethod } from '../src/index.ts'
import { sendJson, startLocalServer } from './local-server.ts'

const failureOf = async (promise: Promise<unknown>): Promise<Error> => {
  const outcome = await promise.then(
    () => 'no failure',
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error(String(outcome))
  return outcome
}

describe('createHttpClient()', () => {
  it('sends and reads JSON', async () => {
    await using server = await startLocalServer(({ body }, response) => {
      sendJson(response, { got: JSON.parse(body) as unknown }, 201)
    })
    const client = createHttpClient({ baseUrl: server.url })
    const answer = await client.request({ method: 'POST', endpoint: '/things', data: { name: 'ä' } })
    expect(answer).toMatchObject({ status: 201, data: { got: { name: 'ä' } } })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/things' })
    expect(server.seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' })
  })

  it('sends the data of GET and HEAD as query parameters', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const client = createHttpClient({ baseUrl: server.url })
    const data = { q: 'a b&c', max: 5, deep: false, expand: ['x', 'y'], none: undefined }
    await client.request({ method: 'GET', endpoint: '/search?page=1', data })
    const head = await client.request({ method: 'HEAD', endpoint: '/search' })
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/search?page=1&q=a+b%26c&max=5&deep=false&expand=x&expand=y',
      '/search',
    ])
    expect(head.data).toBeUndefined()
    expect(server.seen.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'close'])
  })

  it('sends a body with every method that may have one, and leaves the connection clean for the next request', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const client = createHttpClient({ baseUrl: server.url })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await client.request({ method, endpoint: '/things', data: { ids: ['ä'] } })
      await client.request({ method: 'DELETE', endpoint: '/thing' })
    }
    const bodies = server.seen.map(({ method, body }) => `${method} ${body}`)
    expect(bodies.filter((_, index) => index % 2 === 0)).toEqual(
      ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method} {"ids":["ä"]}`),
    )
    expect(bodies).toHaveLength(8)
  })

  it('refuses query parameters that are no properties', async () => {
    const client = createHttpClient({ baseUrl: 'http://localhost' })
    for (const data of [new URLSearchParams('a=1'), new Map([['a', 1]]), [1], 'a=1', null]) {
      const failure = await failureOf(client.request({ method: 'GET', endpoint: '/', data }))
      expect(failure.message).toMatch(/^The data of GET and HEAD are query parameters, \{ name: value \}, not /)
    }
  })

  it('never leaves the path of its base URL', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const client = createHttpClient({ baseUrl: `${server.url}/api/v2` })
    for (const endpoint of ['/../../admin', '..', '%2e%2e/v20', '/a/../../x']) {
      const failure = await failureOf(client.request({ method: 'GET', endpoint }))
      expect(failure.message).toMatch(/^The endpoint must lie below the base URL, but leads to \//)
    }
    for (const endpoint of ['', '/', '/a/../b', '?q=..', '../v2/c']) await client.request({ method: 'GET', endpoint })
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/api/v2/',
      '/api/v2/',
      '/api/v2/b',
      '/api/v2/?q=..',
      '/api/v2/c',
    ])
  })

  it('reads text as text, and nothing as undefined', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/text') response.writeHead(200, { 'content-type': 'text/plain' }).end('words')
      else response.writeHead(204).end()
    })
    const client = createHttpClient({ baseUrl: server.url })
    const read = async (endpoint: string): Promise<unknown> => (await client.request({ method: 'GET', endpoint })).data
    expect(await read('/text')).toBe('words')
    expect(await read('/none')).toBeUndefined()
  })

  it.each([
    ['its own sender', undefined],
    ['a fetch', fetch],
  ])('leaves out a byte order mark, as Response.json() and text() do: by %s', async (_, send) => {
    await using server = await startLocalServer(({ path }, response) => {
      const type = path.startsWith('/json') ? 'application/json' : 'text/plain'
      const body = '\uFEFF{"a":"\uFEFF"}'
      if (path.endsWith('packed'))
        response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(gzipSync(body))
      else response.writeHead(200, { 'content-type': type }).end(body)
    })
    const client = createHttpClient({ baseUrl: server.url, fetch: send })
    const read = async (endpoint: string): Promise<unknown> => (await client.request({ method: 'GET', endpoint })).data
    for (const endpoint of ['/json', '/json/packed']) expect(await read(endpoint)).toEqual({ a: '\uFEFF' })
    for (const endpoint of ['/text', '/text/packed']) expect(await read(endpoint)).toBe('{"a":"\uFEFF"}')
  })

  it.each([
    ['gzip', gzipSync],
    ['X-Gzip', gzipSync],
    ['deflate', deflateSync],
    // Without the frame that it must have: some servers send that.
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['of its own', (text: string) => text],
    ['__proto__', (text: string) => text],
  ])('asks for packed answers, and unpacks %s', async (coding, pack) => {
    await using server = await startLocalServer((_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/vnd.api+json; charset=utf-8', 'content-encoding': coding })
        .end(pack('{"a":"ä"}'))
    })
    const client = createHttpClient({ baseUrl: server.url })
    expect((await client.request({ method: 'GET', endpoint: '/' })).data).toEqual({ a: 'ä' })
    expect(server.seen[0]?.headers['accept-encoding']).toBe('gzip, deflate, br')
  })

  it.each([
    ['/rest/issue', '/root/rest/issue'],
    ['rest/issue', '/root/rest/issue'],
    ['//elsewhere.test/x', '/root//elsewhere.test/x'],
    ['@elsewhere.test/x', '/root/@elsewhere.test/x'],
    ['\\elsewhere.test', '/root//elsewhere.test'],
    ['', '/root/'],
  ])('asks for %j below its base URL', async (endpoint, path) => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    await createHttpClient({ baseUrl: `${server.url}/root/` }).request({ method: 'GET', endpoint })
    expect(server.seen[0]?.path).toBe(path)
  })

  it('keeps connections open', async () => {
    const sockets = new Set<unknown>()
    await using server = await startLocalServer((_, response) => {
      sockets.add(response.socket?.remotePort)
      sendJson(response, {})
    })
    const client = createHttpClient({ baseUrl: server.url })
    for (let index = 0; index < 20; index += 1) await client.request({ method: 'GET', endpoint: '/' })
    // The next may be sent before the connection of the last is known to be free.
    expect(sockets.size).toBeLessThanOrEqual(2)
  })

  it('keeps connections open after one that broke behind its answer', async () => {
    const sockets = new Set<unknown>()
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/') {
        sockets.add(response.socket?.remotePort)
        sendJson(response, {})
      } else response.writeHead(304, { 'content-length': 5 }).end()
    })
    const client = createHttpClient({ baseUrl: server.url })
    for (let index = 0; index < 4; index += 1) await client.request({ method: 'GET', endpoint: '/unchanged' })
    for (let index = 0; index < 20; index += 1) await client.request({ method: 'GET', endpoint: '/' })
    expect(sockets.size).toBeLessThanOrEqual(3)
  })

  it('sends nothing where its signal aborts while the data are written', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const controller = new AbortController()
    const own = new Error('enough')
    const toJSON = (): void => {
      controller.abort(own)
    }
    const client = createHttpClient({ baseUrl: server.url })
    const { signal } = controller
    await expect(client.request({ method: 'POST', endpoint: '/', data: { toJSON }, signal })).rejects.toBe(own)
    expect(server.seen).toEqual([])
  })

  it('sends by the fetch it is given', async () => {
    const client = createHttpClient({
      baseUrl: 'http://base.test',
      fetch: (url, init) => Promise.resolve(Response.json({ url, method: init?.method })),
    })
    const { data } = await client.request({ method: 'DELETE', endpoint: '/x' })
    expect(data).toEqual({ url: 'http://base.test/x', method: 'DELETE' })
  })
})

describe('what is given with every request', () => {
  it('stays as it was, whatever a fetch of your own does with it', async () => {
    const seen: unknown[] = []
    const client = createHttpClient({
      baseUrl: 'http://base.test',
      fetch: (_, init) => {
        const headers = init?.headers as Record<string, string>
        seen.push({ ...headers })
        headers['x-secret'] = 'mine'
        return Promise.resolve(Response.json({}))
      },
    })
    for (const endpoint of ['/', 'http://other.test/', '/']) await client.request({ method: 'POST', endpoint, data: 1 })
    expect(seen).toEqual(Array(3).fill(expect.not.objectContaining({ 'x-secret': 'mine' })))
  })

  it('is one timer and one listener for all that are on the wire, and none afterwards', async () => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    const answers: ((response: Response) => void)[] = []
    const client = createHttpClient({
      baseUrl: 'http://base.test',
      fetch: () => new Promise((resolve) => answers.push(resolve)),
    })
    const sent = [1, 2, 3].map(() => client.request({ method: 'GET', endpoint: '/', signal }))
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort').length]).toEqual([1, 1])
    for (const answer of answers) answer(Response.json({}))
    await Promise.all(sent)
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort').length]).toEqual([0, 0])
    vi.useRealTimers()
  })
})

describe('credentials', () => {
  const secrets = { 'x-api-key': 'key-secret', cookie: 'session-secret' }

  it('go with every request to the base origin', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const bearer = createHttpClient({ baseUrl: server.url, auth: { token: 'token-secret' }, headers: secrets })
    await bearer.request({ method: 'GET', endpoint: '/a' })
    await bearer.request({ method: 'GET', endpoint: `${server.url}/b` })
    const basic = createHttpClient({ baseUrl: server.url, auth: { username: 'ann', password: 'pä:ss' } })
    await basic.request({ method: 'GET', endpoint: '/c' })
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-secret',
      'Bearer token-secret',
      `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`,
    ])
    expect(server.seen[0]?.headers).toMatchObject(secrets)
  })

  it.each([301, 302, 303, 307, 308])('never go to another origin by a %i redirect, nor back', async (status) => {
    let home = ''
    await using elsewhere = await startLocalServer((_, response) => {
      response.writeHead(status, { location: `${home}/back` }).end()
    })
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/back') sendJson(response, { arrived: true })
      else response.writeHead(status, { location: `${elsewhere.url}/there` }).end()
    })
    home = server.url
    const client = createHttpClient({ baseUrl: server.url, auth: { token: 'token-secret' }, headers: secrets })
    expect((await client.request({ method: 'GET', endpoint: '/start' })).data).toEqual({ arrived: true })
    for (const { headers } of [...elsewhere.seen, ...server.seen.slice(1)]) {
      expect(JSON.stringify(headers)).not.toContain('secret')
    }
    expect(elsewhere.seen).toHaveLength(1)
  })

  it('never go to another origin by an absolute endpoint', async () => {
    await using elsewhere = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    const client = createHttpClient({
      baseUrl: 'http://127.0.0.1:9',
      auth: { token: 'token-secret' },
      headers: secrets,
    })
    await client.request({ method: 'GET', endpoint: `${elsewhere.url}/x` })
    expect(JSON.stringify(elsewhere.seen[0]?.headers)).not.toContain('secret')
  })

  it('are in no message, body, cause or print of an error, however the server echoes them', async () => {
    const token = 'to+ken/"sec?ret"'
    await using server = await startLocalServer(({ headers }, response) => {
      const echoed = [headers.authorization, token, encodeURIComponent(token), headers['x-api-key']].join(' | ')
      sendJson(response, { message: `${'padding '.repeat(20)}${echoed}`, raw: echoed }, 403)
    })
    const client = createHttpClient({ baseUrl: server.url, auth: { token }, headers: { 'x-api-key': 'key-secret' } })
    const error = await failureOf(client.request({ method: 'GET', endpoint: `/x/${encodeURIComponent(token)}` }))
    for (const secret of ['sec?ret', 'sec%3Fret', 'key-secret']) {
      expect(`${error.message}${inspect(error, { depth: 9 })}`).not.toContain(secret)
    }
    expect(error.message).toContain('[redacted]')
    const basic = createHttpClient({ baseUrl: server.url, auth: { username: 'ann', password: 'pass-secret' } })
    const other = await failureOf(basic.request({ method: 'GET', endpoint: '/' }))
    expect(inspect(other, { depth: 9 })).not.toContain(Buffer.from('ann:pass-secret').toString('base64'))
  })

  it('are in no message where white space of theirs is made one space', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      const echoed = 'no  "my  pass word"  here'
      if (path === '/json') sendJson(response, { message: echoed }, 403)
      else response.writeHead(403).end(echoed)
    })
    const client = createHttpClient({
      baseUrl: server.url,
      auth: { username: 'ann', password: 'my  pass word' },
    })
    for (const endpoint of ['/json', '/text']) {
      const { message } = await failureOf(client.request({ method: 'GET', endpoint }))
      expect(message).toBe(`GET ${server.url}${endpoint}: 403 no "[redacted]" here`)
    }
  })

  it.each([
    [{ token: '' }, 'The token is missing. Set it again.'],
    [{ token: 'line\nbreak' }, 'The token has a space, a line break or another odd character. Set it again.'],
    [{ username: '', password: 'p' }, 'The username is missing. Set it again.'],
    [{ username: 'a', password: '' }, 'The password is missing. Set it again.'],
    [{ username: 'a:b', password: 'p' }, 'The username has a colon. Set it again.'],
    [{ username: 'a', password: 'p\r\nx: y' }, 'The credentials have a line break. Set it again.'],
  ])('that cannot be sent are refused at once: %j', (auth, message) => {
    try {
      createHttpClient({ baseUrl: 'http://base.test', auth })
      expect.unreachable()
    } catch (error) {
      expect(isCacheError(error, 'INVALID_CONFIGURATION')).toBe(true)
      expect((error as Error).message).toBe(message)
    }
  })

  it('are no such short values as would take the digits out of every message', async () => {
    await using server = await startLocalServer((_, response) => {
      sendJson(response, { message: 'version 1, key 4321' }, 400)
    })
    const client = createHttpClient({ baseUrl: server.url, headers: { 'x-version': '1', 'x-key': '4321' } })
    const failure = await failureOf(client.request({ method: 'GET', endpoint: '/1' }))
    expect(failure.message).toBe(`GET ${server.url}/1: 400 version 1, key [redacted]`)
  })

  it('in a header that cannot be sent are not in the message', () => {
    expect(() => createHttpClient({ baseUrl: 'http://base.test', headers: { 'x-api-key': 'sec\nret' } })).toThrow(
      new TypeError('The header "x-api-key" cannot be sent: its name or value has an odd character.'),
    )
  })
})

describe('headers of the connection', () => {
  it('are refused at once', () => {
    expect(() => createHttpClient({ baseUrl: 'http://base.test', headers: { Expect: '100-continue' } })).toThrow(
      new TypeError('The header "Expect" cannot be sent: it is the connection\'s, not yours. Leave it out.'),
    )
  })
})

describe('redirects', () => {
  it.each<[number, HttpMethod, string]>([
    [301, 'POST', 'GET '],
    [302, 'POST', 'GET '],
    [303, 'PUT', 'GET '],
    [307, 'POST', 'POST {"a":1}'],
    [308, 'PUT', 'PUT {"a":1}'],
    [301, 'PUT', 'PUT {"a":1}'],
  ])('of %i turn %s into %s', async (status, method, expected) => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/old') response.writeHead(status, { location: '/new' }).end()
      else sendJson(response, {})
    })
    await createHttpClient({ baseUrl: server.url }).request({ method, endpoint: '/old', data: { a: 1 } })
    const [, { method: sent, body } = { method: '', body: '' }] = server.seen
    expect(`${sent} ${body}`).toBe(expected)
  })

  it('with a body to another origin, in a circle, or to nowhere are answered as a refusal', async () => {
    await using elsewhere = await startLocalServer((_, response) => {
      sendJson(response, {})
    })
    await using server = await startLocalServer(({ path }, response) => {
      const locations: Record<string, string> = {
        '/away': elsewhere.url,
        '/circle': '/circle',
        '/file': 'file:///etc/passwd',
      }
      response.writeHead(307, { location: locations[path] ?? 'http://' }).end()
    })
    const client = createHttpClient({ baseUrl: server.url })
    for (const endpoint of ['/away', '/circle', '/file', '/bad']) {
      const error = await failureOf(client.request({ method: 'POST', endpoint, data: { secret: 1 } }))
      expect(isHttpStatusError(error, 307)).toBe(true)
    }
    expect(elsewhere.seen).toEqual([])
    expect(server.seen.filter(({ path }) => path === '/circle')).toHaveLength(6)
  })
})

describe('errors', () => {
  it('carry the status, the headers and the beginning of the body, and say it in one line', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/jira?secret=1')
        sendJson(response, { errorMessages: ['Issue does not exist.', 'Or is hidden.'] }, 404)
      else response.writeHead(500, { 'retry-after': '7' }).end(`<html>\n${'x'.repeat(2_000)}`)
    })
    const client = createHttpClient({ baseUrl: server.url })
    const missing = await failureOf(client.request({ method: 'GET', endpoint: '/jira?secret=1' }))
    expect(missing.message).toBe(`GET ${server.url}/jira: 404 Issue does not exist. Or is hidden.`)
    const broken = await failureOf(client.request({ method: 'GET', endpoint: '/' }))
    expect(isHttpStatusError(broken, 500) && [broken.body.length, broken.headers.get('retry-after')]).toEqual([
      500,
      '7',
    ])
    expect(broken.message.length).toBeLessThan(300)
  })

  it('say that no whole answer came, and why', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/cut') response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
      else response.destroy()
    })
    const client = createHttpClient({ baseUrl: server.url })
    for (const endpoint of ['/cut', '/closed']) {
      const error = await failureOf(client.request({ method: 'GET', endpoint }))
      expect(isNetworkError(error)).toBe(true)
    }
    const port = await unusedPort()
    const refused = await failureOf(
      createHttpClient({ baseUrl: `http://127.0.0.1:${port}` }).request({ method: 'GET', endpoint: '/' }),
    )
    expect(refused.message).toBe(`GET http://127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port}`)
    // Where a host has two addresses, Node says no more than the code.
    const everywhere = await failureOf(
      createHttpClient({ baseUrl: `http://localhost:${port}` }).request({ method: 'GET', endpoint: '/' }),
    )
    expect(everywhere.message).toMatch(/: .*ECONNREFUSED/)
  })

  it('are those of a `fetch` of your own where it throws one of theirs', async () => {
    const limited = new RateLimitError('not before noon', 0)
    const client = createHttpClient({ baseUrl: 'http://127.0.0.1', fetch: () => Promise.reject(limited) })
    expect(await failureOf(client.request({ method: 'GET', endpoint: '/' }))).toBe(limited)
  })

  it('say so too where the server would go on by another protocol', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = createHttpClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    const failure = await failureOf(client.request({ method: 'GET', endpoint: '/' }))
    expect(isNetworkError(failure)).toBe(true)
    expect(failure.message).toMatch(/: bad upgrade$/)
    server.close()
  })

  it('say that the answer took too long, be it in its body', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/body') response.writeHead(200).write('{')
    })
    const client = createHttpClient({ baseUrl: server.url, timeout: 50 })
    for (const endpoint of ['/head', '/body']) {
      const error = await failureOf(client.request({ method: 'GET', endpoint }))
      expect(isNetworkError(error)).toBe(true)
      expect(error.message).toBe(`GET ${server.url}${endpoint}: no whole answer within 50 ms`)
    }
  })

  it('say so of each request when its own time is over', async () => {
    vi.useFakeTimers()
    const client = createHttpClient({ baseUrl: 'http://base.test', timeout: '1s', fetch: untilAborted })
    const ended: string[] = []
    const send = (endpoint: string): void => {
      void client.request({ method: 'GET', endpoint }).catch((error: unknown) => ended.push((error as Error).message))
    }
    send('/1')
    await vi.advanceTimersByTimeAsync(400)
    send('/2')
    send('/3')
    await vi.advanceTimersByTimeAsync(599)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toEqual(['GET http://base.test/1: no whole answer within 1000 ms'])
    await vi.advanceTimersByTimeAsync(399)
    expect(ended).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('are the reason itself for all that have the signal, and for no other', async () => {
    const client = createHttpClient({ baseUrl: 'http://base.test', timeout: Infinity, fetch: untilAborted })
    const [user, other] = [new AbortController(), new AbortController()]
    const send = (signal: AbortSignal): Promise<unknown> => client.request({ method: 'GET', endpoint: '/', signal })
    const sent = [send(user.signal), send(user.signal)]
    const stays = send(other.signal)
    user.abort('enough')
    expect(await Promise.allSettled(sent)).toEqual(Array(2).fill({ status: 'rejected', reason: 'enough' }))
    expect(await Promise.race([stays, Promise.resolve('waits')])).toBe('waits')
    other.abort('too')
    await expect(stays).rejects.toBe('too')
  })

  it('are the reason itself when the signal aborts, before or meanwhile', async () => {
    const arrived = Promise.withResolvers<unknown>()
    await using server = await startLocalServer(() => {
      arrived.resolve(undefined)
    })
    const client = createHttpClient({ baseUrl: server.url })
    const reason = new Error('enough')
    await expect(client.request({ method: 'GET', endpoint: '/', signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    const controller = new AbortController()
    const running = client.request({ method: 'GET', endpoint: '/', signal: controller.signal })
    await arrived.promise
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(server.seen).toHaveLength(1)
  })

  it('stop an answer that is larger than allowed, also when it was packed small', async () => {
    await using server = await startLocalServer(({ path }, response) => {
      if (path === '/packed')
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000)))
      else if (path === '/deflated')
        response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync('x'.repeat(1_000_000)))
      else response.writeHead(200).end('x'.repeat(Number(path.slice(1))))
    })
    const client = createHttpClient({ baseUrl: server.url, maxResponseBytes: 1_000 })
    expect((await client.request({ method: 'GET', endpoint: '/1000' })).data).toHaveLength(1_000)
    for (const endpoint of ['/1001', '/packed', '/deflated']) {
      const error = await failureOf(client.request({ method: 'GET', endpoint }))
      expect(error.message).toBe(
        `GET ${server.url}${endpoint}: the answer is larger than maxResponseBytes (1000). Raise it, or ask for less`,
      )
      expect(isNetworkError(error)).toBe(false)
    }
  })

  it('say where JSON cannot be read', async () => {
    await using server = await startLocalServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    })
    const error = await failureOf(createHttpClient({ baseUrl: server.url }).request({ method: 'GET', endpoint: '/' }))
    expect(error.message).toBe(`GET ${server.url}/: 200, and its JSON cannot be read`)
  })
})

/** Answers nothing, until it must end. */
const untilAborted: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => {
      reject(new Error('ended'))
    })
  })

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve))
  return port
}
