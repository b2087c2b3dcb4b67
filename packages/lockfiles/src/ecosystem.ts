/** The package ecosystem a name belongs to, as its purl type. */
export type Ecosystem =
  'npm' | 'pypi' | 'golang' | 'cargo' | 'gem' | 'composer' | 'maven' | 'swift' | 'nuget' | 'hex' | 'pub'
