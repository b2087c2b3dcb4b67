import { BatchProcessingError } from '@x/core'

import { type ScanResult } from '../scan/scan-result.ts'

/** A batch of repositories was read, but for a part: what was found is in `result`, and so is what is missing. */
export class IncompleteBatchError extends BatchProcessingError {
  override readonly name = 'IncompleteBatchError'
  /** Its `ledger` names what failed, and why. */
  readonly result: ScanResult

  constructor(result: ScanResult) {
    const failed = result.ledger.filter(({ status }) => status === 'failed')
    const [first] = failed
    super(
      `${failed.length} of ${result.ledger.length} repositories could not be read, such as ${first?.repository ?? ''}: ` +
        `${first?.why ?? ''}. What was found is in \`result\`; the same call again goes on from there.`,
    )
    this.result = result
  }
}

/** Whether an error is an `IncompleteBatchError`, of this or another installed copy of the package. */
export function isIncompleteBatchError(error: unknown): error is IncompleteBatchError {
  return error instanceof Error && error.name === 'IncompleteBatchError' && 'result' in error
}
