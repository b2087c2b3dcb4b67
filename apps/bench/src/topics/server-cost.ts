/** What the server was asked since it was last told to forget. */
export interface ServerCost {
  readonly requests: number
  readonly restPoints: number
  readonly graphqlPoints: number
}
