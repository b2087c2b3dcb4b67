// Names each test that failed and why, then prints the sum of all test reports as one line; fails when a test failed, or a package with tests left no report.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

const linesOfAFailure = 12

function printFailure(path: string, name: string, why: string): void {
  console.log(`failed: ${relative('.', path)} ${name}\n  ${why.split('\n').slice(0, linesOfAFailure).join('\n  ')}`)
}

const totals = { passed: 0, failed: 0, skipped: 0 }
for (const folder of globSync(['{packages,apps}/*', 'docs', 'scripts'])) {
  const path = join(folder, 'test-report.json')
  if (!existsSync(path)) {
    console.log(`${folder}: no test report`)
    totals.failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  totals.passed += report.numPassedTests
  totals.skipped += report.numPendingTests + report.numTodoTests
  // A file that cannot even be loaded fails without a failed test, and so does an error that no test awaited.
  totals.failed += Math.max(report.numFailedTests, report.success ? 0 : 1)
  for (const file of report.testResults.filter(({ status }) => status === 'failed')) {
    if (file.message !== '') printFailure(file.name, '', file.message)
    for (const test of file.assertionResults.filter(({ status }) => status === 'failed')) {
      printFailure(file.name, test.fullName, test.failureMessages.join('\n'))
    }
  }
  if (!report.success && report.numFailedTests === 0) console.log(`${folder}: failed outside of its tests`)
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
