/** What a package may bring and weigh. */
export interface PackageRow {
  /** Of our packages. */
  readonly ours: readonly string[]
  /** Of others' packages. */
  readonly others: readonly string[]
  /** The most bytes of the tarball, of all its files, and of its own code minified and gzipped. */
  readonly budget: PackageSizes
}

/** How large a package is, in bytes. */
export interface PackageSizes {
  readonly packed: number
  readonly unpacked: number
  readonly bundle: number
}

/** A new dependency, or a larger size, is a decision, and is made here. */
export const PACKAGE_TABLE: Readonly<Record<string, PackageRow>> = {
  '@x/core': { ours: [], others: [], budget: kilobytes(80, 350, 7) },
  '@x/shared-call': { ours: ['@x/core'], others: [], budget: kilobytes(80, 300, 13) },
  '@x/batcher': { ours: ['@x/core'], others: ['p-limit', 'undici'], budget: kilobytes(85, 320, 16) },
  '@x/cache-memory': { ours: ['@x/core', '@x/shared-call'], others: ['lru-cache'], budget: kilobytes(85, 330, 14) },
  '@x/cache-sqlite': {
    ours: ['@x/core', '@x/shared-call'],
    others: ['better-sqlite3'],
    budget: kilobytes(120, 440, 20),
  },
  '@x/cache-redis': {
    ours: ['@x/core', '@x/shared-call'],
    others: ['ioredis', 'cockatiel'],
    budget: kilobytes(90, 320, 16),
  },
  '@x/lockfiles': {
    ours: ['@x/core'],
    others: ['yaml', 'smol-toml', '@yarnpkg/parsers', 'jsonc-parser', 'fast-xml-parser', 'packageurl-js', 'semver'],
    budget: kilobytes(200, 820, 42),
  },
  '@x/github-batch': {
    ours: ['@x/core', '@x/shared-call', '@x/batcher', '@x/lockfiles'],
    others: [],
    budget: kilobytes(240, 930, 43),
  },
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

function kilobytes(packed: number, unpacked: number, bundle: number): PackageSizes {
  return { packed: packed * 1_000, unpacked: unpacked * 1_000, bundle: bundle * 1_000 }
}
