/** Whoever wants to know how far something has come. */
export type OnProgress = (done: number, total: number) => unknown

/** Tells, and ignores what is thrown or rejected: progress is for people, it must not stop the work. */
export function tellProgress(onProgress: OnProgress | undefined, done: number, total: number): void {
  try {
    const answer = onProgress?.(done, total)
    if (answer instanceof Promise) answer.catch(() => undefined)
  } catch {
    // See above.
  }
}
