import { isDependencyFile } from '@x/lockfiles'

/** What a straightforward program asks for, so that its calls can be counted: lists, trees, and then each file. */
export async function readFileByFile(
  baseUrl: string,
  { organization, token, signal }: { organization: string; token: string; signal: AbortSignal },
): Promise<void> {
  const ask = async <T>(path: string, accept = 'application/vnd.github+json'): Promise<T | undefined> => {
    const response = await fetch(`${baseUrl}${path}`, { signal, headers: { accept, authorization: `Bearer ${token}` } })
    const text = await response.text()
    return response.ok && accept.endsWith('json') ? (JSON.parse(text) as T) : undefined
  }
  for (let page = 1; ; page += 1) {
    const repositories = (await ask<ListedRepository[]>(`/orgs/${organization}/repos?per_page=100&page=${page}`)) ?? []
    for (const { full_name: name, default_branch: branch, archived, fork } of repositories) {
      if (archived || fork) continue
      const listing = await ask<{ tree: { path: string }[] }>(`/repos/${name}/git/trees/${branch}?recursive=1`)
      for (const { path } of listing?.tree ?? []) {
        if (!isDependencyFile(path)) continue
        const encoded = path.split('/').map(encodeURIComponent).join('/')
        await ask(`/repos/${name}/contents/${encoded}`, 'application/vnd.github.raw')
      }
    }
    if (repositories.length < 100) return
  }
}

interface ListedRepository {
  readonly full_name: string
  readonly default_branch: string
  readonly archived: boolean
  readonly fork: boolean
}
