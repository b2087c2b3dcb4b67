import { type Descriptor, readPatch, splitDescriptor } from '../../identity/package-name.ts'

/** A patch of a patch of a package; deeper is nobody's lockfile. */
const MAX_PATCHES = 8

/** Without what yarn binds to an address: `::locator=…`, the folder it was written in, and the like. */
export function withoutParameters(reference: string): string {
  const start = reference.indexOf('::', reference.lastIndexOf('#') + 1)
  return start === -1 ? reference : reference.slice(0, start)
}

/** The package below patches and virtual instances: `a@patch:a@npm%3A1.0.0#…` is `a@npm:1.0.0`. */
export function unpatched(text: string): Descriptor | undefined {
  let locator = splitDescriptor(text)
  for (let patches = 0; locator !== undefined; patches++) {
    const { name, reference } = locator
    if (reference.startsWith('virtual:')) {
      locator = { name, reference: reference.slice(reference.indexOf('#') + 1) }
    } else if (reference.startsWith('patch:')) {
      locator = readPatch(reference)
    } else return locator
    if (patches > MAX_PATCHES) return undefined
  }
  return undefined
}

/** How a descriptor of a key may be asked for: as it is, without what yarn binds to it, as what is patched. */
export function spellingsOf(descriptor: string): string[] {
  if (!/::|@(?:patch|virtual):/.test(descriptor)) return [descriptor]
  const patched = unpatched(descriptor)
  return [
    descriptor,
    withoutParameters(descriptor),
    ...(patched === undefined ? [] : [`${patched.name}@${patched.reference}`]),
  ]
}
