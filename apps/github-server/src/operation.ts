/** What kind of request it was, whatever repository it was about. */
export type Operation =
  | 'graphql'
  | 'tree'
  | 'blob'
  | 'contents'
  | 'commit'
  | 'repository'
  | 'repositories'
  | 'rate_limit'
  | 'tarball'
  | 'git'
  | 'other'
