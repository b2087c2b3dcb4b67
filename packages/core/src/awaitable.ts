/** A value at once (memory, SQLite) or later (Redis); `await` serves both. */
export type Awaitable<T> = T | Promise<T>
