/**
 * Options of an `LRUCache` that keeps the order of use and evicts nothing by itself. It wants a limit, and it would allocate
 * `max` places beforehand: this is a limit of size where each entry counts as one.
 */
export const UNBOUNDED: { readonly maxSize: number } = { maxSize: Number.MAX_SAFE_INTEGER }

/** The options of its `set`. Not frozen and never read: `LRUCache` writes `status` into the object that it is given. */
export const COUNTED_AS_ONE: { readonly size: number } = { size: 1 }
