const DEFAULT_SIZE = 30
const LARGEST_SIZE = 100

/** A page of a list, and the `Link` header that leads to the others. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly headers: Readonly<Record<string, string>>
}

/** The page that `per_page` (1 to 100, 30 by default) and `page` (from 1) ask for; nonsense means the default. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, url: string): Page<T> {
  const size = Math.min(positive(query.get('per_page')) ?? DEFAULT_SIZE, LARGEST_SIZE)
  const page = positive(query.get('page')) ?? 1
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (target: number, relation: string): string => {
    const search = new URLSearchParams(query)
    search.set('page', String(target))
    return `<${url}?${search.toString()}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}

function positive(text: string | null): number | undefined {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : undefined
}
