/** What is reached from `roots` over `edges`, the roots included. */
export function reachable(roots: Iterable<string>, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(roots)
  for (const node of seen) for (const next of edges.get(node) ?? []) seen.add(next)
  return seen
}
