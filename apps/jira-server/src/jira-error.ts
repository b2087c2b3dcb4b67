/** A refusal, as Jira writes it. */
export class JiraError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
