import { type LockedPackage } from '../parsed-lockfile.ts'

/** What an entry says about its package alone, without its place in the file. */
export type PackageIdentity = Pick<LockedPackage, 'name' | 'version' | 'source' | 'resolved'>

/** The address as a property, or no property where there is no address. */
export function addressOf(resolved: unknown): { resolved?: string } {
  return typeof resolved === 'string' && resolved !== '' ? { resolved } : {}
}
