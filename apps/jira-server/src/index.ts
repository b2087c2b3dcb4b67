export { type Fault, type FaultAction, type FaultCondition, rateLimited } from './fault.ts'
export { type JiraServer, type JiraServerOptions, startJiraServer } from './jira-server.ts'
export { createJiraSite, type JiraSite, type JiraSiteOptions } from './jira-site.ts'
export { type Journal, type JournalEntry, type JournalSummary } from './journal.ts'
