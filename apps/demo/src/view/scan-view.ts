import { type Clock, systemClock } from '@x/core'
import { type Finding, type RateWait, type ScanEvent, type ScanProgress, type ScanStatus } from '@x/github-batch'

import { countText, numberText } from '../output/count-text.ts'
import { type Log } from './log.ts'

/** Where no terminal is watched, a line each so many milliseconds is enough. */
const PLAIN_INTERVAL_MS = 5_000
/** More findings than these are counted, not named, while the scan runs. */
const MOST_NAMED = 20
const BAR_WIDTH = 24

export interface ScanViewOptions {
  readonly label: string
  /** Whether findings are shown as they come. */
  readonly namesFindings?: boolean
  readonly clock?: Clock
}

/** Shows how far a scan is: a few lines that change on a terminal, a line now and then elsewhere, and what is found as it comes. */
export class ScanView {
  readonly #log: Log
  readonly #label: string
  readonly #namesFindings: boolean
  readonly #clock: Clock
  readonly #waits = new Map<string, RateWait>()
  #progress: ScanProgress | ScanStatus | undefined
  #id: string | undefined
  #named = 0
  #saidAt: number

  constructor(log: Log, { label, namesFindings = true, clock = systemClock }: ScanViewOptions) {
    this.#log = log
    this.#label = label
    this.#namesFindings = namesFindings
    this.#clock = clock
    this.#saidAt = clock.now()
    if (!log.isQuiet) log.screen.show(this.#lines)
  }

  /** By which the scan is resumed, once it has begun. */
  get id(): string | undefined {
    return this.#id
  }

  readonly update = (progress: ScanProgress | ScanStatus): void => {
    this.#progress = progress
    if (this.#log.isQuiet) return
    if (this.#namesFindings) this.#nameFindings(progress.findings)
    if (this.#log.screen.isTerminal) this.#log.screen.show(this.#lines)
    else if (this.#clock.now() - this.#saidAt >= PLAIN_INTERVAL_MS) {
      this.#saidAt = this.#clock.now()
      this.#log.note(`${this.#label}: ${progressText(progress)}`)
    }
  }

  readonly tell = (event: ScanEvent): void => {
    switch (event.type) {
      case 'started':
        this.#id = event.id
        this.#log.detail(`The scan ${event.id} ${event.resumed ? 'goes on' : 'begins'}.`)
        break
      case 'wait':
        this.#wait(event)
        break
      case 'repository':
        this.#log.detail([event.entry.repository, event.entry.status, event.entry.why].filter(Boolean).join(': '))
        break
      case 'file':
        this.#log.debug(`read ${event.repository} ${event.file}`)
        break
      case 'listed':
      case 'finding':
      case 'warning':
    }
  }

  end(): void {
    this.#log.screen.hide()
  }

  #wait(wait: RateWait): void {
    this.#waits.set(wait.bucket, wait)
    if (this.#log.screen.isTerminal) this.#log.screen.show(this.#lines)
    else this.#log.note(`${this.#label}: ${waitText(wait)}`)
  }

  #nameFindings(findings: readonly Finding[]): void {
    if (findings.length === this.#named || this.#named > MOST_NAMED) return
    const named = findings.slice(this.#named, MOST_NAMED).map(findingText)
    if (findings.length > MOST_NAMED) named.push('… and more, in the result.')
    this.#named = findings.length
    for (const line of named) this.#log.alarm(line)
  }

  readonly #lines = (): readonly string[] => {
    const progress = this.#progress
    const now = this.#clock.now()
    const waits = [...this.#waits.values()].filter(({ until }) => until > now)
    return [
      progress === undefined || progress.repositoriesTotal === 0
        ? `${this.#label}: listing repositories…`
        : `${this.#label}: ${bar(progress)} ${progressText(progress)}`,
      ...(progress !== undefined && 'budget' in progress ? [`  ${spendingText(progress)}`] : []),
      ...waits.map((wait) => `  ${waitText(wait)} (${Math.ceil((wait.until - now) / 1_000)} s)`),
    ]
  }
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

function spendingText({ cost, budget }: ScanStatus): string {
  const left = (['core', 'graphql'] as const).flatMap((bucket) => {
    const { remaining } = budget[bucket]
    return remaining === undefined ? [] : [`${numberText(remaining)} ${bucket === 'core' ? 'REST' : 'GraphQL'}`]
  })
  const spent =
    `${countText(cost.requests, 'request')}, ${countText(cost.restPoints + cost.graphqlPoints, 'point')}, ` +
    `${numberText(cost.cacheHits)} from the cache`
  return left.length === 0 ? spent : `${spent}; points left: ${left.join(', ')}`
}

function waitText({ bucket, until, reason }: RateWait): string {
  const name = bucket === 'core' ? 'REST' : bucket === 'graphql' ? 'GraphQL' : bucket
  const why =
    reason === 'told' ? `GitHub asks ${name} requests to wait` : `this hour's share of ${name} requests is spent`
  return `${why}; going on at ${new Date(until).toLocaleTimeString('en-GB')}`
}

function findingText({ repository, file, line, package: name, version }: Finding): string {
  return `found: ${repository}  ${file}:${line}  ${name}@${version}`
}
