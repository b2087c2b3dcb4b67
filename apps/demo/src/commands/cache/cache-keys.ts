import { EXIT_CODES, type ExitCode } from '@x/core'

import { browseCache } from '../../cache/browse-cache.ts'
import { type CacheEntryName } from '../../cache/cache-browser.ts'
import { type Invocation } from '../../cli/command.ts'
import { namesText } from './names-text.ts'

export interface KeysOptions {
  readonly cache: string | undefined
  readonly namespace: string
  readonly category: string | undefined
  readonly format: 'table' | 'json'
}

export async function cacheKeys(options: KeysOptions, { operands, signal }: Invocation): Promise<ExitCode> {
  const { cache, namespace, category, format } = options
  await using browser = await browseCache(cache, namespace)
  const names: CacheEntryName[] = []
  for await (const name of browser.keys({ category, pattern: operands[0] })) {
    signal.throwIfAborted()
    names.push(name)
  }
  process.stdout.write(namesText(names, format))
  return EXIT_CODES.success
}
