/** @throws Error saying that a text is no address of a server. */
export function assertHttpUrl(text: string): void {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error('must be an http or https URL.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must hold no user, password, query or fragment: a token is taken from the environment.')
}
