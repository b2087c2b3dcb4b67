/** Where the checking tools and the registry are, and what is released to it. */
export interface Surroundings {
  /** The copy of the workspace. */
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  /** Of our packages, by name. */
  readonly versions: ReadonlyMap<string, string>
}
