import { type Command, defineCommand } from '../../cli/command.ts'
import { choice, flag, JSON_FLAG, type Option, text, textOr } from '../../cli/option.ts'
import { assertCachePlace } from '../cache-option.ts'

const PLACE: { readonly cache: Option<string | undefined>; readonly namespace: Option<string> } = {
  cache: text({
    heading: 'Which cache',
    value: 'PLACE',
    completes: 'file',
    check: assertCachePlace,
    about: 'A file; redis://, rediss:// or unix:// and an address; or redis for the one that the environment names.',
    without: 'that of scans',
  }),
  namespace: textOr('x-demo:scan', { value: 'NAME', about: 'In Redis: what the keys begin with.' }),
}

const CATEGORY = text({ value: 'NAME', about: 'Only of this category.' })
const RESULT = {
  format: choice(['table', 'json'], { heading: 'The result', value: 'FORMAT', about: 'How to write it.' }),
  json: JSON_FLAG,
}

export const cacheCommands: readonly Command[] = [
  defineCommand({
    name: 'cache status',
    summary: 'Shows what a cache holds, by category; without --cache, every file that this program keeps.',
    options: { ...PLACE, ...RESULT },
    examples: [
      { about: 'What there is', words: 'cache status' },
      { about: 'In Redis', words: 'cache status --cache redis://localhost:6379' },
    ],
    run: async (invocation) => (await import('./cache-status.ts')).cacheStatus(invocation.options),
  }),
  defineCommand({
    name: 'cache keys',
    summary: 'Lists the keys of a cache, a line each: the category, a tab, the key.',
    operands: { value: 'GLOB', about: 'Only keys that match; * spans everything. Default: all.', least: 0, most: 1 },
    options: { ...PLACE, category: CATEGORY, ...RESULT },
    examples: [{ about: 'The scans that are remembered', words: "cache keys '*' --category scan" }],
    run: async (invocation) => (await import('./cache-keys.ts')).cacheKeys(invocation.options, invocation),
  }),
  defineCommand({
    name: 'cache get',
    summary: 'Prints the value of a key as JSON.',
    operands: { value: 'KEY', about: 'As "cache keys" lists it.', least: 1, most: 1 },
    options: {
      ...PLACE,
      category: text({ value: 'NAME', about: 'Its category.', without: 'the only one that has it' }),
      json: flag({ heading: 'The result', about: 'As JSON, as it is anyway.' }),
    },
    examples: [{ about: 'An issue', words: 'cache get PAY-1 --cache jira.sqlite' }],
    run: async (invocation) => (await import('./cache-get.ts')).cacheGet(invocation.options, invocation),
  }),
  defineCommand({
    name: 'cache clear',
    summary: 'Removes entries of a cache; asks before it does.',
    options: {
      ...PLACE,
      category: CATEGORY,
      pattern: text({ value: 'GLOB', about: 'Only keys that match; * spans everything.' }),
      'dry-run': flag({ heading: 'How', about: 'Remove nothing, and list what would go.' }),
      force: flag({ about: 'Do not ask.' }),
      ...RESULT,
    },
    examples: [
      { about: 'What would go', words: 'cache clear --category blob --dry-run' },
      { about: 'Everything', words: 'cache clear --force' },
    ],
    run: async (invocation) => (await import('./cache-clear.ts')).cacheClear(invocation.options, invocation),
  }),
]
