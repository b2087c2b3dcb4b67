import { once } from 'node:events'
import { connect } from 'node:net'

/** Asks a server one thing over a connection of its own: the raw answer, which must be short. */
export async function command(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(`*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    const text = answer.toString()
    if (text.startsWith('-')) throw new Error(`${parts.join(' ')}: ${text.trim()}`)
    return text
  } finally {
    socket.destroy()
  }
}
