/** Headers whose values are nobody's secret. */
const HARMLESS: ReadonlySet<string> = new Set(
  'accept accept-encoding accept-language cache-control content-type if-match if-none-match prefer user-agent'.split(
    ' ',
  ),
)

/** A shorter value of a header hides nothing, and would take its characters out of every message. */
const SHORTEST_SECRET = 4

/** What must never be seen in a message, in any of the ways in which a server may echo it. */
export class Secrets {
  readonly #forms: readonly string[]

  constructor(secrets: Iterable<string>) {
    const forms = Array.from(secrets, (secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
    ])
    // The longest first: what contains another is taken out whole.
    this.#forms = [...new Set(forms.flat())].filter(Boolean).sort((a, b) => b.length - a.length)
  }

  /** A text without them. */
  redact(text: string): string {
    return this.#forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text)
  }
}

/** The values of headers that may be secret, also without their scheme (`Bearer`, `Basic`). */
export function secretValues(headers: Headers): string[] {
  return Array.from(headers)
    .filter(([name]) => !HARMLESS.has(name))
    .flatMap(([, value]) => [value, value.slice(value.indexOf(' ') + 1)])
    .filter(({ length }) => length >= SHORTEST_SECRET)
}
