import { type Ecosystem } from '../ecosystem.ts'

/**
 * One spelling for names that mean the same package: PyPI folds case and `-_.`, NuGet and Composer case, crates.io `-` and
 * `_`; a Swift package is its repository, without scheme and `.git`. Go's case is folded too, since package URLs are in small
 * letters (purl-spec, "golang", November 2026). Other names stay as they are.
 */
export function normalizeName(ecosystem: Ecosystem, name: string): string {
  switch (ecosystem) {
    case 'pypi':
      // "Names and normalization", packaging.python.org, November 2026.
      return name.toLowerCase().replace(/[-_.]+/g, '-')
    case 'cargo':
      return name.toLowerCase().replaceAll('_', '-')
    case 'nuget':
    case 'composer':
    case 'golang':
      return name.toLowerCase()
    case 'swift':
      return repositoryName(name)
    default:
      return name
  }
}

/** `https://github.com/Owner/Name.git` and `git@github.com:owner/name` are `github.com/owner/name`. */
export function repositoryName(address: string): string {
  const path = address
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/@]*@/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end).replace(/\.git$/, '')
}
