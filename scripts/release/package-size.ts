import { statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'

import { type PackageContent } from './package-content.ts'
import { PACKAGE_TABLE, type PackageSizes } from './package-table.ts'

/** How large a package is: the tarball, its files, and its main entry bundled without dependencies, minified and gzipped. */
export async function packageSizes({ folder, files }: PackageContent, tarball: string): Promise<PackageSizes> {
  const bundle = await build({
    entryPoints: [join(folder, 'dist', 'index.js')],
    bundle: true,
    minify: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
  })
  return {
    packed: statSync(tarball).size,
    unpacked: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0),
    bundle: gzipSync(bundle.outputFiles[0]?.contents ?? '').length,
  }
}

/** @throws an error that names the package, its sizes and their budgets, where one is over. */
export function checkSizes(name: string, sizes: PackageSizes): void {
  const { packed, unpacked, bundle } = budgetOf(name)
  if (sizes.packed > packed || sizes.unpacked > unpacked || sizes.bundle > bundle) {
    throw new Error(
      `${name} is larger than its row in scripts/release/package-table.ts allows: ${sizesText(name, sizes)}`,
    )
  }
}

/** Sizes of a package, each beside its budget. */
export function sizesText(name: string, sizes: PackageSizes): string {
  const budget = budgetOf(name)
  const text = (what: keyof PackageSizes): string =>
    `${(sizes[what] / 1_000).toFixed(1)} of ${budget[what] / 1_000} kB ${WORDS[what]}`
  return [text('packed'), text('unpacked'), text('bundle')].join(', ')
}

const WORDS: Readonly<Record<keyof PackageSizes, string>> = {
  packed: 'packed',
  unpacked: 'unpacked',
  bundle: 'minified and gzipped',
}

function budgetOf(name: string): PackageSizes {
  const row = PACKAGE_TABLE[name]
  if (row === undefined) throw new Error(`${name} has no row in scripts/release/package-table.ts.`)
  return row.budget
}
