import { type Clock, systemClock } from '@x/core'
import { type Finding, type RateWait, type ScanProgress } from '@x/github-batch'

import { countText, numberText } from '../output/count-text.ts'
import { printable } from '../output/printable.ts'
import { type Log } from './log.ts'

/** Where no terminal is watched, a line each so many milliseconds is enough. */
const PLAIN_INTERVAL_MS = 5_000
/** More findings than these are counted, not named, while the scan runs. */
const MOST_NAMED = 20
const BAR_WIDTH = 24

/** What a scan has sent so far, and may still send. */
export interface Spending {
  readonly requests: number
  readonly restPoints: number
  readonly graphqlPoints: number
}

/** Shows how far a scan is: a few lines that change on a terminal, a line now and then elsewhere, and what is found as it comes. */
export class ScanView {
  readonly #log: Log
  readonly #label: string
  readonly #spending: (() => Spending) | undefined
  readonly #namesFindings: boolean
  readonly #clock: Clock
  #progress: ScanProgress | undefined
  #named = 0
  #saidAt: number
  readonly #waits = new Map<string, RateWait>()

  constructor(log: Log, { label, spending, namesFindings = true, clock = systemClock }: ScanViewOptions) {
    this.#log = log
    this.#label = label
    this.#spending = spending
    this.#namesFindings = namesFindings
    this.#clock = clock
    this.#saidAt = clock.now()
    if (!log.isQuiet) log.screen.show(this.#lines)
  }

  readonly update = (progress: ScanProgress): void => {
    this.#progress = progress
    if (this.#log.isQuiet) return
    if (this.#namesFindings) this.#nameFindings(progress.findings)
    if (this.#log.screen.isTerminal) this.#log.screen.show(this.#lines)
    else if (this.#clock.now() - this.#saidAt >= PLAIN_INTERVAL_MS) {
      this.#saidAt = this.#clock.now()
      this.#log.note(`${this.#label}: ${progressText(progress)}`)
    }
  }

  readonly waiting = (wait: RateWait): void => {
    this.#waits.set(wait.bucket, wait)
    if (this.#log.screen.isTerminal) this.#log.screen.show(this.#lines)
    else this.#log.note(`${this.#label}: ${waitText(wait)}`)
  }

  end(): void {
    this.#log.screen.hide()
  }

  #nameFindings(findings: readonly Finding[]): void {
    if (findings.length === this.#named || this.#named > MOST_NAMED) return
    const named = findings.slice(this.#named, MOST_NAMED).map(findingText)
    if (findings.length > MOST_NAMED) named.push('… and more, in the result.')
    this.#named = findings.length
    this.#log.screen.print(named.map((line) => this.#log.style.red(line)).join('\n'))
  }

  readonly #lines = (): readonly string[] => {
    const progress = this.#progress
    const now = this.#clock.now()
    const waits = [...this.#waits.values()].filter(({ until }) => until > now)
    return [
      progress === undefined || progress.repositoriesTotal === 0
        ? `${this.#label}: listing repositories…`
        : `${this.#label}: ${bar(progress)} ${progressText(progress)}`,
      ...(this.#spending === undefined ? [] : [`  ${spendingText(this.#spending())}`]),
      ...waits.map((wait) => `  ${waitText(wait)} (${Math.ceil((wait.until - now) / 1_000)} s)`),
    ]
  }
}

export interface ScanViewOptions {
  readonly label: string
  /** Absent: nothing is asked of anybody. */
  readonly spending?: () => Spending
  /** Whether findings are shown as they come. */
  readonly namesFindings?: boolean
  readonly clock?: Clock
}

function spendingText({ requests, restPoints, graphqlPoints }: Spending): string {
  return `${countText(requests, 'request')}, ${numberText(restPoints)} REST and ${numberText(graphqlPoints)} GraphQL points`
}

function bar({ repositoriesDone, repositoriesTotal }: ScanProgress): string {
  const full = Math.floor((BAR_WIDTH * repositoriesDone) / repositoriesTotal)
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`
}

function progressText({ repositoriesDone, repositoriesTotal, filesDone, findings }: ScanProgress): string {
  return (
    `${numberText(repositoriesDone)} of ${countText(repositoriesTotal, 'repository', 'repositories')}, ` +
    `${countText(filesDone, 'file')} read, ${numberText(findings.length)} compromised`
  )
}

function waitText({ bucket, until, reason }: RateWait): string {
  const name = bucket === 'core' ? 'REST' : 'GraphQL'
  const why =
    reason === 'told' ? `GitHub asks ${name} requests to wait` : `this hour's share of ${name} requests is spent`
  return `${why}; going on at ${new Date(until).toLocaleTimeString('en-GB')}`
}

function findingText({ repository, file, line, package: name, version }: Finding): string {
  return printable(`found: ${repository}  ${file}:${line}  ${name}@${version}`)
}
