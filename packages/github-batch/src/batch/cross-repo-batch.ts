import { type Repository } from '../repository.ts'

/** Repositories whose like-named files are well asked for together. */
export interface CrossRepoBatch {
  /** At least two. */
  readonly repositories: readonly Repository[]
  /** The base names that all of them have. */
  readonly commonFiles: readonly string[]
  /** The share of calls that asking together is likely to save, above 0.2 and below 0.8. */
  readonly estimatedSavings: number
}
