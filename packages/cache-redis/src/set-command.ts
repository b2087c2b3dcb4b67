import { Command } from 'ioredis'

/** What is stored under a key. */
export interface SetText {
  /** What stands before the payload. */
  readonly head: string
  /** What the codec wrote. */
  readonly payload: string
  /** How long Redis keeps it, milliseconds; or Infinity. */
  readonly keptMs: number
}

const NOTHING: SetText = { head: '', payload: '', keptMs: Infinity }

/**
 * SET of a text in two parts. To count the bytes of an argument that is the sum of two strings, ioredis has the engine copy it
 * into one, and then the command once more: a tenth of the time of a call that stores 2 KB. Once it is answered, it holds nothing:
 * see `ReadCommand`.
 */
export class SetCommand extends Command {
  readonly #redisKey: string
  #text: SetText

  constructor(redisKey: string, text: SetText) {
    super('set')
    const { head, payload, keptMs } = text
    // Not by the constructor: see `ReadCommand`.
    this.args = keptMs === Infinity ? [redisKey, head + payload] : [redisKey, head + payload, 'PX', String(keptMs)]
    this.#redisKey = redisKey
    this.#text = text
  }

  override transformReply(): string {
    this.args = []
    this.#text = NOTHING
    return 'OK'
  }

  override toWritable(): string {
    const { head, payload, keptMs } = this.#text
    const bytes = Buffer.byteLength(head) + Buffer.byteLength(payload)
    const text = `$3\r\nset\r\n${bulk(this.#redisKey)}$${bytes}\r\n${head}${payload}\r\n`
    return keptMs === Infinity ? `*3\r\n${text}` : `*5\r\n${text}$2\r\nPX\r\n${bulk(String(keptMs))}`
  }
}

function bulk(argument: string): string {
  return `$${Buffer.byteLength(argument)}\r\n${argument}\r\n`
}
