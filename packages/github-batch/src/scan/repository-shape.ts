import { isBoolean, isText, objectOf, optional, type Shape } from '../files/value-shape.ts'

/** A `SweptRepository` as a store keeps it. */
export const SWEPT_REPOSITORY: Shape = objectOf({
  name: isText,
  fullName: isText,
  owner: isText,
  defaultBranch: isText,
  archived: isBoolean,
  fork: isBoolean,
  pushedAt: optional(isText),
  head: optional(objectOf({ commit: isText, tree: isText })),
})
