import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'

const BODY = JSON.stringify({ id: '10001', key: 'PAY-1', fields: { summary: 'x'.repeat(200) } })
const HEAD = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) }

/** Answers everything with a small JSON document; ends with whoever started it. */
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  request.resume()
  response.writeHead(200, HEAD).end(BODY)
})
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit())
