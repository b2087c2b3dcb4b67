/** A function that does something the first time it is called, and nothing afterwards. */
export function once<Args extends readonly unknown[]>(fn: (...args: Args) => void): (...args: Args) => void {
  let called = false
  return (...args) => {
    if (!called) fn(...args)
    called = true
  }
}
