// Prints the sum of all test reports as one line; fails when a test failed, or a package with tests left no report.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly success: boolean
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
  // A file that cannot even be loaded fails without a failed test.
  totals.failed += Math.max(report.numFailedTests, report.success ? 0 : 1)
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
