import { type RateWait, type ScanProgress } from '@x/github-batch'

/** Where a terminal is not watched, a line each so many milliseconds is enough. */
const PLAIN_INTERVAL_MS = 5_000
const LIVE_INTERVAL_MS = 80

/** Shows on stderr how far a scan is: one line that changes on a terminal, a line now and then elsewhere. */
export class ProgressView {
  readonly #label: string
  readonly #stream = process.stderr
  #shownAt = Date.now()

  constructor(label: string) {
    this.#label = label
    if (this.#stream.isTTY) this.#write('listing repositories…')
  }

  readonly update = (progress: ScanProgress): void => {
    const now = Date.now()
    if (now - this.#shownAt < (this.#stream.isTTY ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) return
    this.#shownAt = now
    const { repositoriesTotal, repositoriesSearched, repositoriesDone, filesDone, findings } = progress
    this.#write(
      `${repositoriesDone} of ${repositoriesTotal} repositories done, ${repositoriesSearched} searched, ` +
        `${filesDone} dependency files read, ${findings.length} compromised packages`,
    )
  }

  readonly waiting = ({ bucket, until, reason }: RateWait): void => {
    const name = bucket === 'core' ? 'REST' : 'GraphQL'
    const why =
      reason === 'told' ? `GitHub asks ${name} requests to wait` : `this hour's share of ${name} requests is spent`
    this.#write(`${why}; going on at ${new Date(until).toLocaleTimeString('en-GB')}`)
  }

  /** Says something that stays. */
  note(text: string): void {
    this.end()
    this.#stream.write(`${text}\n`)
  }

  /** Takes the changing line away. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001B[K')
  }

  #write(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\u001B[K${this.#label}: ${text}` : `${this.#label}: ${text}\n`)
  }
}
