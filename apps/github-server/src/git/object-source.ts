import { BoundedMap } from '../bounded-map.ts'
import { type GitObject, type ObjectInfo } from './git-object.ts'
import { ObjectProcessPool } from './object-process-pool.ts'

const PROCESSES = 16
const CACHED_BYTES = 128 * 1024 * 1024
const CACHED_INFOS = 500_000
/** So that a small object's place in the map is paid for too. */
const OVERHEAD_BYTES = 256

/** The objects of all repositories. An object never changes, so what was read once is kept while there is room. */
export class ObjectSource {
  readonly #pool = new ObjectProcessPool(PROCESSES)
  readonly #objects = new BoundedMap<GitObject>(CACHED_BYTES, ({ size }) => size + OVERHEAD_BYTES)
  readonly #infos = new BoundedMap<ObjectInfo>(CACHED_INFOS, () => 1)

  async object(gitDir: string, oid: string): Promise<GitObject | undefined> {
    const key = `${gitDir}\0${oid}`
    const known = this.#objects.get(key)
    if (known !== undefined) return known
    const object = await this.#pool.use(gitDir).contents(oid)
    if (object !== undefined) this.#objects.set(key, object)
    return object
  }

  async info(gitDir: string, oid: string): Promise<ObjectInfo | undefined> {
    const key = `${gitDir}\0${oid}`
    const known = this.#infos.get(key)
    if (known !== undefined) return known
    const info = await this.#pool.use(gitDir).info(oid)
    if (info !== undefined) this.#infos.set(key, info)
    return info
  }

  /** What a revision names now: never remembered, since a branch moves. */
  async resolve(gitDir: string, revision: string): Promise<string | undefined> {
    return (await this.#pool.use(gitDir).info(revision))?.oid
  }

  /** Forgets everything: repositories may have been replaced. */
  clear(): void {
    this.#pool.release()
    this.#objects.clear()
    this.#infos.clear()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}
