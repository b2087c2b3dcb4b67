import { Command } from 'ioredis'

/**
 * GET or MGET whose reply is bytes. ioredis counts those of each argument; here they are counted once, for keys that are ASCII
 * have as many as characters.
 */
export class ReadCommand extends Command {
  constructor(name: 'get' | 'mget', redisKeys: string[]) {
    super(name)
    // Not by the constructor, which looks for arguments that are no strings.
    this.args = redisKeys
  }

  override toWritable(socket: object): string | Buffer {
    let text = `*${this.args.length + 1}\r\n$${this.name.length}\r\n${this.name}\r\n`
    for (const key of this.args as string[]) text += `$${key.length}\r\n${key}\r\n`
    return Buffer.byteLength(text) === text.length ? text : super.toWritable(socket)
  }
}
