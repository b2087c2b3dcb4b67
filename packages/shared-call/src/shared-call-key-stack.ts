/** Words of a frame before its key. */
const HEAD = 4
const FLIGHT = 0
const HASH = 1
const STATE = 2
const LENGTH = 3

/** How many units one call of a function takes. */
const CHUNK = 4096

const INITIAL_BYTES = 4096
const MAX_BYTES = 2 ** 26

/** `open`: may be joined. `forgotten`: goes on for those who wait already. `landed`: has ended, and is being delivered. */
export const FRAME_STATES = { open: 0, forgotten: 1, landed: 2 } as const

/** A key with what makes looking for it fast. */
export interface HashedKey {
  /** All of it: the hash alone never decides. */
  readonly key: string
  /** 32 bits of it. */
  readonly hash: number
}

/**
 * What one thread is executing, with full keys. Blocking calls nest, so frames come and go at one end. Frames beyond the
 * `top` that the owner has published do not exist: one that died while writing a frame has not started a flight.
 */
export class KeyStack {
  readonly #memory: SharedArrayBuffer
  readonly #words: Int32Array<SharedArrayBuffer>
  /** The same memory: keys are kept as the UTF-16 units that strings consist of, lone surrogates included. */
  readonly #units: Uint16Array<SharedArrayBuffer>

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory
    this.#words = new Int32Array(memory)
    this.#units = new Uint16Array(memory)
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(INITIAL_BYTES, { maxByteLength: MAX_BYTES })
  }

  /**
   * Makes room for a frame at `top`.
   *
   * @throws RangeError where the keys of all nested calls of a thread exceed 64 MiB.
   */
  reserve(top: number, key: string): void {
    const bytes = (top + wordsFor(key.length)) * Int32Array.BYTES_PER_ELEMENT
    if (bytes <= this.#memory.byteLength) return
    if (bytes > MAX_BYTES) {
      throw new RangeError(
        `The keys of the calls in progress in one thread exceed 64 MiB, with this one of ${key.length} characters. Use shorter keys.`,
      )
    }
    this.#memory.grow(Math.min(MAX_BYTES, Math.max(bytes, this.#memory.byteLength * 2)))
  }

  /** Writes a frame at `top`, for which there is room, and says where it ends. */
  write(top: number, flight: number, { key, hash }: HashedKey): number {
    this.#words[top + FLIGHT] = flight
    this.#words[top + HASH] = hash
    this.#words[top + STATE] = FRAME_STATES.open
    this.#words[top + LENGTH] = key.length
    const first = (top + HEAD) * 2
    for (let index = 0; index < key.length; index += 1) this.#units[first + index] = key.charCodeAt(index)
    return top + wordsFor(key.length)
  }

  /** Where the frame of a key is that may be joined; -1: nowhere. */
  find(top: number, { key, hash }: HashedKey): number {
    for (let frame = 0; frame < top; frame = this.#next(frame)) {
      if (
        this.#word(frame + HASH) === hash &&
        this.#word(frame + STATE) === FRAME_STATES.open &&
        this.#hasKey(frame, key)
      )
        return frame
    }
    return -1
  }

  flightAt(frame: number): number {
    return this.#word(frame + FLIGHT)
  }

  setState(frame: number, state: keyof typeof FRAME_STATES): void {
    this.#words[frame + STATE] = FRAME_STATES[state]
  }

  forgetAll(top: number): void {
    for (let frame = 0; frame < top; frame = this.#next(frame)) {
      if (this.#word(frame + STATE) === FRAME_STATES.open) this.setState(frame, 'forgotten')
    }
  }

  /** How many frames have not landed. */
  countActive(top: number): number {
    let count = 0
    for (let frame = 0; frame < top; frame = this.#next(frame)) {
      if (this.#word(frame + STATE) !== FRAME_STATES.landed) count += 1
    }
    return count
  }

  /** Where the frames are, from one up. */
  frames(top: number, from = 0): number[] {
    const frames = []
    for (let frame = from; frame < top; frame = this.#next(frame)) frames.push(frame)
    return frames
  }

  keyAt(frame: number): string {
    const first = (frame + HEAD) * 2
    const end = first + this.#word(frame + LENGTH)
    let key = ''
    for (let at = first; at < end; at += CHUNK) {
      key += String.fromCharCode(...this.#units.subarray(at, Math.min(end, at + CHUNK)))
    }
    return key
  }

  #hasKey(frame: number, key: string): boolean {
    if (this.#word(frame + LENGTH) !== key.length) return false
    const first = (frame + HEAD) * 2
    for (let index = 0; index < key.length; index += 1) {
      if (this.#units[first + index] !== key.charCodeAt(index)) return false
    }
    return true
  }

  #next(frame: number): number {
    return frame + wordsFor(this.#word(frame + LENGTH))
  }

  #word(index: number): number {
    return this.#words[index] ?? 0
  }
}

/** FNV-1a over the UTF-16 units. */
export function hashKey(key: string): HashedKey {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return { key, hash: hash | 0 }
}

function wordsFor(keyLength: number): number {
  return HEAD + Math.ceil(keyLength / 2)
}
