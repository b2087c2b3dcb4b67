/** Lets everything that is ready run: microtasks, and what they queue. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
