/** Apart from their code, which help and completion do not need. */
export const ISSUE_FORMATS = ['table', 'json', 'csv'] as const

export type IssueFormat = (typeof ISSUE_FORMATS)[number]
