import type { RedisClient } from './redis-client.ts'

/** A Lua script: atomic where it runs, and sent as its digest once the server knows it. All its keys must share a slot. */
export type RedisScript<Reply> = (
  client: RedisClient,
  keys: readonly string[],
  args?: readonly (string | number)[],
) => Promise<Reply>

type Run = (...args: readonly (string | number)[]) => Promise<unknown>

/**
 * Makes a script.
 *
 * @param name - Under which clients know it; must be unlike every command and every other script.
 */
export function redisScript<Reply>(name: string, lua: string): RedisScript<Reply> {
  return (client, keys, args = []) => {
    const commands = client as unknown as Record<string, Run | undefined>
    if (commands[name] === undefined) client.defineCommand(name, { lua })
    return commands[name]?.(keys.length, ...keys, ...args) as Promise<Reply>
  }
}
