import type { StoredIssue } from './jira-site.ts'

/** Not shown in lists of issues, so not part of `*navigable`. */
const NOT_NAVIGABLE: ReadonlySet<string> = new Set(['comment'])

/** An issue as Jira writes it, with the fields asked for: names, `*all`, `*navigable`, and `-name` to leave one out. */
export function issueAnswer(issue: StoredIssue, wanted: readonly string[], serverUrl: string): Record<string, unknown> {
  const all = wanted.includes('*all')
  const navigable = wanted.includes('*navigable') || wanted.every((name) => name.startsWith('-'))
  const fields = Object.entries(issue.fields).filter(
    ([name]) =>
      !wanted.includes(`-${name}`) && (all || (navigable && !NOT_NAVIGABLE.has(name)) || wanted.includes(name)),
  )
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: String(issue.id),
    self: `${serverUrl}/rest/api/3/issue/${issue.id}`,
    key: issue.key,
    fields: Object.fromEntries(fields),
  }
}
