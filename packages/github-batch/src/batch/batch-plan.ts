/** How many things share one request. */
export interface BatchSize {
  /** To begin with: a whole number from 1. */
  readonly first: number
  /** What it may grow to while GitHub answers quickly, by a quarter each time; at least `first`. */
  readonly most: number
}

/**
 * What a strategy decides and the planner obeys: how much at once, how much together, and in which order. A plan
 * changes requests and time, never the result.
 */
export interface BatchPlan {
  /**
   * Requests on the wire at the same time, of a whole scan, or else of one step: a whole number from 1; the client's own limit also
   * holds.
   */
  readonly requestsAtOnce: number
  /** Repositories under way at the same time: a whole number from 1. More fill the queries better and hold more memory. */
  readonly repositoriesAtOnce: number
  /** Trees listed by one GraphQL query; `undefined`: each by a REST request of its own. */
  readonly treesPerQuery: BatchSize | undefined
  /** Folders listed below one another by one query, 1 to 6; what lies deeper is asked for next. */
  readonly treeDepth: number
  /** Files read by one GraphQL query; `undefined`: each by a REST request of its own. */
  readonly filesPerQuery: BatchSize | undefined
  /** The most bytes of files in one query, unless one file alone has more; above 0. */
  readonly bytesPerQuery: number
  /** Whether files of several repositories may share a query. */
  readonly crossRepository: boolean
  /** Which files are read first: those that matter most (`filePriority`), or as the trees list them. */
  readonly fileOrder: 'priority' | 'listed'
}

/** What the planner does unless a strategy says otherwise. */
export const DEFAULT_BATCH_PLAN: BatchPlan = {
  requestsAtOnce: 10,
  repositoriesAtOnce: 200,
  treesPerQuery: { first: 20, most: 50 },
  treeDepth: 3,
  filesPerQuery: { first: 25, most: 100 },
  bytesPerQuery: 2_000_000,
  crossRepository: true,
  fileOrder: 'listed',
}
