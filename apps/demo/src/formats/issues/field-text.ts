/** A value of a field as people call it: a person's or a status's name, a list with commas, a document's words. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(fieldText).join(', ')
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  const { displayName, name, value: chosen, key, text, content } = value as Readonly<Record<string, unknown>>
  const named = [displayName, name, chosen, key, text].find((one) => typeof one === 'string')
  if (typeof named === 'string') return named
  // Atlassian Document Format (developer.atlassian.com, 2026-11): text lies in leaves.
  return Array.isArray(content) ? content.map(fieldText).join(' ').trim() : JSON.stringify(value)
}
