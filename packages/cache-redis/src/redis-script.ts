import type { RedisClient } from './redis-client.ts'

/** A Lua script: atomic where it runs, and sent as its digest once the server knows it. All its keys must share a slot. */
export type RedisScript<Reply> = (
  client: RedisClient,
  keys: readonly string[],
  args?: readonly (string | number)[],
) => Promise<Reply>

type Run = (...args: readonly (string | number)[]) => Promise<unknown>

/** All that this package has, by name. */
const scripts = new Map<string, string>()

/**
 * Makes a script.
 *
 * @param name - Under which clients know it; must be unlike every command and every other script.
 */
export function redisScript<Reply>(name: string, lua: string): RedisScript<Reply> {
  scripts.set(name, lua)
  return runner(name)
}

/** `redisScript` whose replies hold bytes instead of texts. */
export function bytesScript<Reply>(name: string, lua: string): RedisScript<Reply> {
  scripts.set(name, lua)
  return runner(`${name}Buffer`)
}

/** Makes all scripts known to a client before it is used: a pipeline that it has begun by itself takes in no others. */
export function defineScripts(client: RedisClient): void {
  for (const [name, lua] of scripts) if (!(name in client)) client.defineCommand(name, { lua })
}

function runner<Reply>(method: string): RedisScript<Reply> {
  return (client, keys, args = []) => {
    const commands = client as unknown as Record<string, Run | undefined>
    return commands[method]?.(keys.length, ...keys, ...args) as Promise<Reply>
  }
}
