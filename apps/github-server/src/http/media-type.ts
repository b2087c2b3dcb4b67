/** Whether an `Accept` header asks for one of GitHub's own formats: `raw` by `application/vnd.github.raw`, `.v3.raw`, `.raw+json`. */
export function accepts(accept: string | undefined, format: 'raw' | 'sha'): boolean {
  return (accept ?? '')
    .toLowerCase()
    .split(',')
    .some((type) => new RegExp(`^application/vnd\\.github(\\.v3)?\\.${format}(\\+json)?$`).test(bare(type)))
}

function bare(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim()
}
