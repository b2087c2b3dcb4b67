/** Whether a property of an array is one of its items: `'01'` and `'-1'` are not. */
export function isItemKey(array: readonly unknown[], key: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(key) && Number(key) < array.length
}
