/** The least that holds any character of UTF-8. */
export const SMALLEST_CHUNK = 4

/**
 * Text in chunks of at most so many bytes; no character is cut in two, and together they are the whole. Bytes that are no UTF-8
 * become U+FFFD.
 */
export async function* textChunks(
  pieces: AsyncIterable<Uint8Array>,
  chunkSize: number,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    waitingBytes += piece.byteLength
    if (waitingBytes < chunkSize) continue
    const bytes = Buffer.concat(waiting)
    let start = 0
    while (bytes.byteLength - start >= chunkSize) {
      const end = characterEnd(bytes, start + chunkSize)
      yield decoder.decode(bytes.subarray(start, end), { stream: true })
      start = end
    }
    waiting = [bytes.subarray(start)]
    waitingBytes = bytes.byteLength - start
  }
  const last = decoder.decode(Buffer.concat(waiting))
  if (last !== '') yield last
}

/** The last position up to `end` that is not within a character. */
function characterEnd(bytes: Uint8Array, end: number): number {
  for (let back = 1; back < SMALLEST_CHUNK; back += 1) {
    const byte = bytes[end - back] ?? 0
    if (byte >= 0b1100_0000) return back < characterLength(byte) ? end - back : end
    if (byte < 0b1000_0000) return end
  }
  return end
}

/** Of the character that begins with this byte. */
function characterLength(first: number): number {
  if (first >= 0b1111_0000) return 4
  return first >= 0b1110_0000 ? 3 : 2
}
