import { Command } from 'ioredis'

/**
 * GET or MGET. Its reply is bytes, in an array of one, to be taken out: once that is done, and it is answered, it holds nothing.
 * For ioredis assigns a function (`reject`) to a property of each command, and the engine, until it has optimised that code, makes
 * such a function an old object from the start: all that it can reach outlives every collection of young objects. Keys and replies
 * would stay until there are so many of them that the old objects are collected too, which takes a tenth of the time. Source:
 * `CheckAssigningFunctionLiteralToProperty` of V8's parser, and counts of both kinds of collections, 2026-11-26.
 *
 * ioredis counts the bytes of each argument; here they are counted once, for keys that are ASCII have as many as characters.
 */
export class ReadCommand extends Command {
  constructor(name: 'get' | 'mget', redisKeys: readonly string[]) {
    super(name)
    // Not by the constructor, which looks for arguments that are no strings.
    this.args = redisKeys as string[]
  }

  override transformReply(reply: Buffer | Buffer[]): Buffer[] {
    this.args = []
    return [reply] as Buffer[]
  }

  override toWritable(socket: object): string | Buffer {
    let text = `*${this.args.length + 1}\r\n$${this.name.length}\r\n${this.name}\r\n`
    for (const key of this.args as string[]) text += `$${key.length}\r\n${key}\r\n`
    return Buffer.byteLength(text) === text.length ? text : super.toWritable(socket)
  }
}
