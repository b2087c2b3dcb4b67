import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

const PACKAGE = join(import.meta.dirname, '..')

it('does what the usage in the README says', () => {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8')
  const usage = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const promises = [...usage.matchAll(/^(.*) \/\/=> (.*)$/gm)]
  expect(promises.length).toBeGreaterThan(2)

  const program = usage.replaceAll(/^(.*) \/\/=> .*$/gm, 'console.log(JSON.stringify($1))')
  const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: PACKAGE,
  })
  const values = printed.toString().trimEnd().split('\n')
  expect(values.map((value) => JSON.parse(value) as unknown)).toEqual(
    promises.map((promise) => JSON.parse(promise[2] ?? '') as unknown),
  )
})
