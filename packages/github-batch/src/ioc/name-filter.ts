/** 128 KiB: of 100,000 names, a tenth of all others pass. */
const BITS = 2 ** 20

/**
 * Tells nearly all names apart from those it was told, by their length and a few of their characters. What has not passed is not
 * listed; to find that out in a map takes the hash of the whole name, several times as long.
 */
export class NameFilter {
  readonly #words = new Int32Array(BITS / 32)

  add(name: string): void {
    const bit = bitOf(name)
    this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }

  /** Whether a name may be one of those that were added; never `false` for one that was. */
  mayHave(name: string): boolean {
    const bit = bitOf(name)
    return (((this.#words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1
  }
}

/** Of the characters that differ most often: the last ones, the first, and one in the middle. One that is not there counts as 0. */
function bitOf(name: string): number {
  const { length } = name
  const last = name.charCodeAt(length - 1) | (name.charCodeAt(length - 2) << 8) | (name.charCodeAt(length - 3) << 16)
  const other = length | (name.charCodeAt(0) << 8) | (name.charCodeAt(length >> 1) << 16)
  const mixed = Math.imul(last, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 12
}
