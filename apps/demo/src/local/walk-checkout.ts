import { type Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

import { Limiter } from '@x/batcher'
import { isDependencyFile } from '@x/lockfiles'

/** What packages install, and what git keeps: no part of the project itself. */
const NOT_THE_PROJECT: ReadonlySet<string> = new Set(['node_modules', '.git'])
const FOLDERS_AT_ONCE = 16

export interface WalkOptions {
  /** Paths, relative and with `/`, that are left out with all that is below. */
  readonly isExcluded: (path: string) => boolean
  /** Only the files of the folder itself. */
  readonly rootOnly: boolean
  readonly signal: AbortSignal
}

export interface CheckoutFile {
  /** From the root, with `/`. */
  readonly path: string
  readonly absolutePath: string
  readonly bytes: number
}

/** What could not be looked at, and why. */
export interface WalkGap {
  readonly path: string
  readonly why: string
}

export interface Walk {
  readonly files: readonly CheckoutFile[]
  readonly gaps: readonly WalkGap[]
}

/** A single file was named that nobody reads. */
export class NoDependencyFileError extends Error {
  override readonly name = 'NoDependencyFileError'

  constructor(path: string) {
    super(`${path} has the name of no dependency file`)
  }
}

/**
 * The dependency files of a folder, by path. Symbolic links to folders are not followed: inside they would be read twice
 * or without end, outside they are not the project. A link to a file is read where it leads.
 *
 * @throws an error with the system's code when the root itself cannot be read; NoDependencyFileError for a file that is none.
 */
export async function walkCheckout(root: string, options: WalkOptions): Promise<Walk> {
  const found = await stat(root)
  if (!found.isDirectory()) {
    if (!isDependencyFile(resolve(root)) && !isDependencyFile(basename(root))) throw new NoDependencyFileError(root)
    const file = { path: basename(root), absolutePath: root, bytes: found.size }
    return { files: [file], gaps: [] }
  }
  await readdir(root)
  const walker = new Walker(await realpath(root), options)
  await walker.visit('')
  return walker.result
}

class Walker {
  readonly #root: string
  readonly #options: WalkOptions
  readonly #limiter = new Limiter({ maxConcurrent: FOLDERS_AT_ONCE })
  readonly #files: CheckoutFile[] = []
  readonly #gaps: WalkGap[] = []

  constructor(root: string, options: WalkOptions) {
    this.#root = root
    this.#options = options
  }

  get result(): Walk {
    return { files: this.#files.toSorted(byPath), gaps: this.#gaps.toSorted(byPath) }
  }

  async visit(folder: string): Promise<void> {
    const { signal } = this.#options
    const below = await this.#limiter.run(() => this.#list(folder), { signal })
    await Promise.all(below.map((path) => this.visit(path)))
  }

  /** Takes in the files of a folder; the folders in it are returned. */
  async #list(folder: string): Promise<string[]> {
    const below: string[] = []
    for (const entry of await this.#entries(folder)) {
      this.#options.signal.throwIfAborted()
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (NOT_THE_PROJECT.has(entry.name) || this.#options.isExcluded(path)) continue
      if (entry.isDirectory()) {
        if (!this.#options.rootOnly) below.push(path)
      } else if (isDependencyFile(path)) await this.#take(path)
    }
    return below
  }

  async #entries(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#root, folder), { withFileTypes: true })
    } catch (error) {
      this.#gaps.push({ path: `${folder}/`, why: systemReason(error) })
      return []
    }
  }

  async #take(path: string): Promise<void> {
    const absolutePath = join(this.#root, path)
    try {
      const found = await stat(absolutePath)
      if (found.isDirectory()) return
      if (found.isFile()) this.#files.push({ path, absolutePath, bytes: found.size })
      else this.#gaps.push({ path, why: 'not a regular file' })
    } catch (error) {
      this.#gaps.push({ path, why: systemReason(error) })
    }
  }
}

/** A system's error in words. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'may not be read'
    case 'ENOENT':
      return 'is not there, or links to what is not'
    case 'ELOOP':
      return 'its symbolic links go in a circle'
    default:
      return code ?? message
  }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1
}
