import { ObjectProcess } from './object-process.ts'

/** At most `limit` git processes, one per repository in use: the one used longest ago makes room. */
export class ObjectProcessPool {
  readonly #limit: number
  readonly #processes = new Map<string, ObjectProcess>()
  readonly #leaving = new Set<Promise<void>>()
  #closed = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The process of a repository, started if need be. */
  use(gitDir: string): ObjectProcess {
    if (this.#closed) throw new Error('The server is closed.')
    const known = this.#processes.get(gitDir)
    this.#processes.delete(gitDir)
    const process = known?.alive === true ? known : new ObjectProcess(gitDir)
    this.#processes.set(gitDir, process)
    const [oldest] = this.#processes
    if (this.#processes.size > this.#limit && oldest !== undefined) this.#dismiss(oldest[0], oldest[1])
    return process
  }

  /** Lets every process finish its work; the next use starts a new one. */
  release(): void {
    for (const [gitDir, process] of this.#processes) this.#dismiss(gitDir, process)
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.#closed = true
    const ends = [...this.#processes.values()].map((process) => process.kill())
    this.#processes.clear()
    await Promise.all([...ends, ...this.#leaving])
  }

  #dismiss(gitDir: string, process: ObjectProcess): void {
    this.#processes.delete(gitDir)
    const end = process.close()
    this.#leaving.add(end)
    void end.then(() => this.#leaving.delete(end))
  }
}
