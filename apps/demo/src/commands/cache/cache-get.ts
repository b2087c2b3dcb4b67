import { escapeGlob, EXIT_CODES, type ExitCode } from '@x/core'

import { browseCache } from '../../cache/browse-cache.ts'
import { type CacheBrowser } from '../../cache/cache-browser.ts'
import { type Invocation } from '../../cli/command.ts'
import { ProgramError, UsageError } from '../../cli/program-error.ts'

export interface GetOptions {
  readonly cache: string | undefined
  readonly namespace: string
  readonly category: string | undefined
}

export async function cacheGet(
  { cache, namespace, category }: GetOptions,
  { operands }: Invocation,
): Promise<ExitCode> {
  const [key = ''] = operands
  await using browser = await browseCache(cache, namespace)
  const text = await browser.text({ key, category: category ?? (await categoryOf(key, browser)) })
  if (text === undefined) throw notThere(key, browser)
  process.stdout.write(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
  return EXIT_CODES.success
}

async function categoryOf(key: string, browser: CacheBrowser): Promise<string> {
  const categories: string[] = []
  for await (const { category } of browser.keys({ pattern: escapeGlob(key) })) categories.push(category)
  const [category, ...others] = categories
  if (category === undefined) throw notThere(key, browser)
  if (others.length > 0) throw new UsageError(`${JSON.stringify(key)} is in ${categories.join(', ')}: give --category.`)
  return category
}

function notThere(key: string, { place }: CacheBrowser): ProgramError {
  return new ProgramError(`There is no ${JSON.stringify(key)} in ${place}.`, EXIT_CODES.general)
}
