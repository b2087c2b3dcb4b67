const utf8 = new TextDecoder()

/** The text of a body, as `Response.text()` reads it: UTF-8, a byte order mark at its beginning left out. */
export function decodeText(body: Uint8Array): string {
  return utf8.decode(body)
}
