/** @throws Error saying that a text is no address of a server. */
export function assertHttpUrl(text: string): void {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) throw new Error('must be an http or https URL.')
}
