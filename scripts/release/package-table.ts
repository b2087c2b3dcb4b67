/** What each package may bring: of ours, and of others. A new dependency is a decision, and is made here. */
export const PACKAGE_TABLE: Readonly<
  Record<string, { readonly ours: readonly string[]; readonly others: readonly string[] }>
> = {
  '@x/core': { ours: [], others: [] },
  '@x/shared-call': { ours: ['@x/core'], others: [] },
  '@x/batcher': { ours: ['@x/core'], others: ['p-limit', 'undici'] },
  '@x/cache-memory': { ours: ['@x/core', '@x/shared-call'], others: ['lru-cache'] },
  '@x/cache-sqlite': { ours: ['@x/core', '@x/shared-call'], others: ['better-sqlite3'] },
  '@x/cache-redis': { ours: ['@x/core', '@x/shared-call'], others: ['ioredis', 'cockatiel'] },
  '@x/lockfiles': {
    ours: ['@x/core'],
    others: ['yaml', 'smol-toml', '@yarnpkg/parsers', 'jsonc-parser', 'fast-xml-parser', 'packageurl-js', 'semver'],
  },
  '@x/github-batch': { ours: ['@x/core', '@x/shared-call', '@x/batcher', '@x/lockfiles'], others: [] },
}

/** Licences that may be brought along without asking anybody. */
export const LICENCES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
])
